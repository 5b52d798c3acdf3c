#define _GNU_SOURCE
/* The bound for `export`: reads lines, looks at each, and passes on those of upserts without our own members. Buffered
 * reads and writes of a megabyte, memchr for the line ends: what a careful C programmer would put behind zcat. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROOM = 1 << 20 };
static char in[ROOM * 4], out[ROOM * 4];

int main(void) {
    size_t kept = 0, written = 0;
    for (;;) {
        ssize_t got = read(0, in + kept, sizeof in - kept);
        if (got <= 0) break;
        size_t size = kept + (size_t)got, start = 0;
        char *end;
        while ((end = memchr(in + start, '\n', size - start))) {
            size_t length = (size_t)(end - (in + start)) + 1;
            if (!strncmp(in + start, "{\"_op\":\"upsert\"", 15)) {
                char *object = memmem(in + start, length, "\"_fetched_at\":\"", 15);
                object = object ? memchr(object, ',', (size_t)(end - object)) : NULL;
                if (!object) return 1;
                size_t rest = (size_t)(end + 1 - object);
                if (written + rest > sizeof out) {
                    if (write(1, out, written) != (ssize_t)written) return 1;
                    written = 0;
                }
                memcpy(out + written, object, rest);
                out[written] = '{';
                written += rest;
            }
            start += length;
        }
        kept = size - start;
        memmove(in, in + start, kept);
    }
    return write(1, out, written) == (ssize_t)written ? 0 : 1;
}
