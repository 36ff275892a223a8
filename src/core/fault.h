/* fault.h - places where a test build breaks one thing on purpose, to see that the tests notice.
 * Everywhere else these factors are 1 (tests/CMakeLists.txt has the test builds). */
#ifndef RFIM_CORE_FAULT_H
#define RFIM_CORE_FAULT_H

#ifndef RFIM_FAULT_DAMPING
#define RFIM_FAULT_DAMPING 1.0
#endif
#ifndef RFIM_FAULT_L2
#define RFIM_FAULT_L2 1.0
#endif
#ifndef RFIM_FAULT_NU
#define RFIM_FAULT_NU 1.0
#endif

#endif
