/*
 * fit: ordinary least squares of one variable, one point at a time.
 *
 * Sums of squares are those of differences from the running means (Welford 1962): RSS is
 * large and its changes are small, and the plain sums would cancel.
 */
#include <math.h>

#include "fmprof/analyze.h"

void fit_add(struct fit *fit, double x, double y)
{
	fit->count++;
	double dx = x - fit->mean_x, dy = y - fit->mean_y;
	fit->mean_x += dx / (double)fit->count;
	fit->mean_y += dy / (double)fit->count;
	fit->sxx += dx * (x - fit->mean_x);
	fit->sxy += dx * (y - fit->mean_y);
	fit->syy += dy * (y - fit->mean_y);
}

/* 97.5 % quantile of Student's t (Abramowitz & Stegun 26.7.5): right to 0.0001 from 8 degrees of freedom on. */
static double student_quantile(double freedom)
{
	const double z = 1.959963984540054, z2 = z * z;
	const double g1 = z * (z2 + 1) / 4;
	const double g2 = z * ((5 * z2 + 16) * z2 + 3) / 96;
	const double g3 = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
	const double g4 = z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160;

	return z + (g1 + (g2 + (g3 + g4 / freedom) / freedom) / freedom) / freedom;
}

bool fit_solve(const struct fit *fit, double *slope, double *margin)
{
	if (fit->count < FIT_LEAST_POINTS || !(fit->sxx > 0))
		return false;
	double freedom = (double)fit->count - 2;
	double residual = fit->syy - fit->sxy * fit->sxy / fit->sxx;

	*slope = fit->sxy / fit->sxx;
	/* Rounding may leave less than nothing where all points are on the line. */
	*margin = residual > 0 ? student_quantile(freedom) * sqrt(residual / freedom / fit->sxx) : 0;
	return true;
}
