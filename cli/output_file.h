/* output_file.h - files that results go to: tried before the work, so that nobody waits for
 * nothing. */
#ifndef RFIM_CLI_OUTPUT_FILE_H
#define RFIM_CLI_OUTPUT_FILE_H

/* Can it be written? What is in the file stays. NULL and "" can. 0, or 1 after a complaint. */
int output_file_probe(const char *path);
/* After the work: an empty file, that was made for nothing, goes. */
void output_file_tidy(const char *path);
/* "PATH cannot be written", with the reason that is in errno; returns 1. */
int output_file_complain(const char *path);

#endif
