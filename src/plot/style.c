#include "style.h"

/* Okabe and Ito's palette for all kinds of colour vision, without black (the
 * curve) and with its yellow darkened, which lines on white need. */
static const unsigned palette[] = {0xd55e00, 0x0072b2, 0x009e73, 0xcc79a7, 0xe69f00, 0x56b4e9, 0xa89a00};

enum { PALETTE = sizeof(palette) / sizeof(*palette) };

unsigned style_colour(size_t index, size_t count)
{
	return index < count ? palette[index % PALETTE] : (unsigned)STYLE_OTHERS;
}

const char *style_dash(size_t index, size_t count)
{
	static const char *const dashes[] = {"solid", "(8,4)", "(3,3)", "(12,3,3,3)"};
	return index < count ? dashes[index / PALETTE % (sizeof(dashes) / sizeof(*dashes))] : "solid";
}

static unsigned mix(unsigned channel, double part)
{
	return (unsigned)(255.5 - (255 - channel) * part);
}

unsigned style_tint(unsigned colour, double part)
{
	return mix(colour >> 16 & 255, part) << 16 | mix(colour >> 8 & 255, part) << 8 |
	       mix(colour & 255, part);
}
