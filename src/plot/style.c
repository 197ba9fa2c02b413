#include "style.h"

/* Okabe and Ito's palette for all kinds of colour vision, without black (the
 * curve) and with its yellow darkened, which lines on white need; on a dark page blue and green are lighter. */
static const unsigned light_palette[STYLE_PALETTE] = {0xd55e00, 0x0072b2, 0x009e73, 0xcc79a7,
						      0xe69f00, 0x56b4e9, 0xa89a00};
static const unsigned dark_palette[STYLE_PALETTE] = {0xf0803c, 0x4a9fdb, 0x2fc39a, 0xd98fb8,
						     0xf0b429, 0x8ecdf2, 0xf0e442};
static const unsigned light_curves[STYLE_CURVES] = {0x2f3e48, 0x7a3fa8, 0x00767f, 0x8a5a00};
static const unsigned dark_curves[STYLE_CURVES] = {0xe3eaee, 0xc79bec, 0x6fd3da, 0xd9b36a};

static const struct style light = {
	.page = 0xffffff,
	.ink = 0x263238,
	.faint = 0x66737d,
	.line = 0xcfd6db,
	.grid = 0xdde3e7,
	.curve = 0x2f3e48,
	.outside = 0xb4c0c9,
	.others = 0x8a959e,
	.peak = 0x4a5760,
	.palette = light_palette,
	.curves = light_curves,
};

static const struct style dark = {
	.page = 0x1b2126,
	.ink = 0xe8edf0,
	.faint = 0xa3b0b9,
	.line = 0x4c5963,
	.grid = 0x303a42,
	.curve = 0xe3eaee,
	.outside = 0x5a6873,
	.others = 0x8a959e,
	.peak = 0xc3ced6,
	.palette = dark_palette,
	.curves = dark_curves,
};

const struct style *style_get(bool is_dark)
{
	return is_dark ? &dark : &light;
}

unsigned style_colour(const struct style *style, size_t index, size_t count)
{
	return index < count ? style->palette[index % STYLE_PALETTE] : style->others;
}

unsigned style_curve(const struct style *style, size_t index)
{
	return style->curves[index % STYLE_CURVES];
}

/* Round ends make dashes longer and gaps shorter by a line's width. */
const char *style_dash(size_t index, size_t count)
{
	static const char *const dashes[] = {"solid", "(6,7)", "(1,6)", "(10,6,1,6)"};
	return index < count ? dashes[index / STYLE_PALETTE % (sizeof(dashes) / sizeof(*dashes))] : "solid";
}

/* When colours come again it is with other dashes. */
const char *style_curve_dash(size_t index)
{
	static const char *const dashes[STYLE_CURVES] = {"solid", "(9,6)", "(3,6)", "(10,6,1,6)"};
	return dashes[(index + index / STYLE_CURVES) % STYLE_CURVES];
}

static unsigned mix(unsigned channel, unsigned page, double part)
{
	return (unsigned)(0.5 + (double)page + ((double)channel - (double)page) * part);
}

unsigned style_tint(const struct style *style, unsigned colour, double part)
{
	return mix(colour >> 16 & 255, style->page >> 16 & 255, part) << 16 |
	       mix(colour >> 8 & 255, style->page >> 8 & 255, part) << 8 |
	       mix(colour & 255, style->page & 255, part);
}
