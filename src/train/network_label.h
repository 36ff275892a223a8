/* network_label.h - the text of a network, short enough for a legend. */
#ifndef RFIM_TRAIN_NETWORK_LABEL_H
#define RFIM_TRAIN_NETWORK_LABEL_H

#include "io/text.h"

/* "input 784; linear 80 relu; batchnorm; linear 80 relu; batchnorm; linear 10; loss softmax" is
 * appended as "784-80-80-10 relu, batchnorm": widths, then what else occurs. Other texts are
 * appended as they are. Two networks may get the same label. */
void rfim__network_label_append(rfim__text *text, const char *network);

#endif
