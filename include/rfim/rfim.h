/* rfim.h - relative Fisher information metrics and relative natural gradient descent.
 * Includes the whole public interface. */
#ifndef RFIM_H
#define RFIM_H

#include <rfim/array.h>
#include <rfim/bench.h>
#include <rfim/check.h>
#include <rfim/context.h>
#include <rfim/data.h>
#include <rfim/fim.h>
#include <rfim/inspect.h>
#include <rfim/io.h>
#include <rfim/metric.h>
#include <rfim/network.h>
#include <rfim/optimizer.h>
#include <rfim/options.h>
#include <rfim/plan.h>
#include <rfim/status.h>
#include <rfim/train.h>

#endif
