/* export.h - which names the library shows. Everything else is hidden. */
#ifndef RFIM_EXPORT_H
#define RFIM_EXPORT_H

#if defined(__GNUC__) || defined(__clang__)
#define RFIM_API __attribute__((visibility("default")))
#else
#define RFIM_API
#endif

#endif
