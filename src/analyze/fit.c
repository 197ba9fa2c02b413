/*
 * fit: a straight line through a sum of steps, one point at a time.
 *
 * Sums of squares are those of differences from the running means (Welford 1962): plain sums of large numbers with
 * small differences would cancel.
 */
#include <math.h>

#include "fmprof/analyze.h"

void fit_add(struct fit *fit, double x, double step)
{
	double number = (double)fit->count++, count = number + 1;

	fit->y += step;
	double dx = x - fit->mean_x, dy = fit->y - fit->mean_y, ds = step - fit->mean_step;
	fit->mean_x += dx / count;
	fit->mean_y += dy / count;
	fit->mean_step += ds / count;
	fit->sxx += dx * (x - fit->mean_x);
	fit->sxy += dx * (fit->y - fit->mean_y);
	fit->step_squares += ds * (step - fit->mean_step);
	fit->prefix_squares += fit->prefix * fit->prefix;
	fit->prefix_numbers += fit->prefix * number;
	fit->number_squares += number * number;
	fit->prefix += x;
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
	double freedom = (double)fit->count - 1, deviation = sqrt(fit->step_squares / freedom);
	/* c_j = P_j - j' mean x */
	double weights = fit->prefix_squares - 2 * fit->mean_x * fit->prefix_numbers +
			 fit->mean_x * fit->mean_x * fit->number_squares;

	*slope = fit->sxy / fit->sxx;
	*margin = weights > 0 ? student_quantile(freedom) * deviation * sqrt(weights) / fit->sxx : 0;
	return true;
}
