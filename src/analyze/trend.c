/* trend: the straight line through samples. */
#include "fmprof/analyze.h"

/* Sums of differences from the running means, as in fit.c. */
void trend_add(struct trend *trend, double x, double y)
{
	double off_x = x - trend->mean_x;

	trend->count++;
	trend->mean_x += off_x / (double)trend->count;
	trend->mean_y += (y - trend->mean_y) / (double)trend->count;
	trend->sxx += off_x * (x - trend->mean_x);
	trend->sxy += off_x * (y - trend->mean_y);
}

bool trend_solve(const struct trend *trend, double *slope, double *at_zero)
{
	if (!(trend->sxx > 0))
		return false;
	*slope = trend->sxy / trend->sxx;
	*at_zero = trend->mean_y - *slope * trend->mean_x;
	return true;
}
