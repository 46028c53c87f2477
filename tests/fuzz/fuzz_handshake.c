/* Any bytes as a server's answer to the handshake: the same is found in it whole and in pieces. */
#include "net/websocket_handshake.h"

#include <stdlib.h>
#include <string.h>

#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = {(const char *)data, size};
    struct handshake_reply whole, part;
    enum handshake_end end = handshake_read(bytes, ACCEPT, &whole);
    if (whole.head_n > size || (end == HANDSHAKE_MORE && size > HANDSHAKE_HEAD_MAX))
        abort();
    if (end == HANDSHAKE_OPEN && (whole.status != 101 || whole.problem || !memmem(data, size, ACCEPT, strlen(ACCEPT))))
        abort();
    if (end == HANDSHAKE_REFUSED && whole.status == 101 && !whole.problem)
        abort();
    if (whole.head_n == 0 || whole.head_n > HANDSHAKE_HEAD_MAX)
        return 0;
    /* Nothing is decided before the blank line, and what comes after it changes nothing. */
    if (handshake_read(str_sub(bytes, 0, whole.head_n - 1), ACCEPT, &part) != HANDSHAKE_MORE)
        abort();
    if (handshake_read(str_sub(bytes, 0, whole.head_n), ACCEPT, &part) != end || part.status != whole.status)
        abort();
    return 0;
}
