/*
 * request: a question as a JSON object, as `docent ask --jsonl` and POST /v1/ask take it.
 *
 *     {"conversation": "c1", "text": "how much do coders make?"}
 */
#ifndef DOCENT_CHANNEL_REQUEST_H
#define DOCENT_CHANNEL_REQUEST_H

#include "base/json.h"
#include "base/str.h"

enum { REQUEST_MAX_BYTES = 64 << 10, REQUEST_CONVERSATION_MAX = 256 }; /* of the whole; of the conversation's name */

struct request {
    struct str conversation; /* empty when none is named */
    struct str text;
    cJSON *tree; /* what the above point into: request_release */
};

/* What is wrong with it, for people; NULL when nothing is. request_release is to be called in both cases. */
const char *request_parse(struct request *r, struct str json);
void request_release(struct request *r);

#endif
