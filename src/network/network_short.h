/* network_short.h - the short form of a network's text. */
#ifndef RFIM_NETWORK_NETWORK_SHORT_H
#define RFIM_NETWORK_NETWORK_SHORT_H

#include "io/text.h"
#include "network/network.h"

/* Appends the long form of a short text, such as "784-80x3-10 relu bna", which begins with a
 * digit. RFIM_ERROR_ARGUMENT; memory that ran out is left in out->status. */
rfim_status rfim__network_expand(const char *text, rfim__text *out);

#endif
