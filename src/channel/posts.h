/* posts: the posts of an answer as the bytes that stand in the store between answering and delivery. */
#ifndef DOCENT_CHANNEL_POSTS_H
#define DOCENT_CHANNEL_POSTS_H

#include "base/arena.h"
#include "base/str.h"
#include "channel/platform.h"

#include <stdbool.h>

struct str posts_pack(const struct posts *posts, struct arena *a); /* without `share` */

/* Texts are views into the bytes. False when they are not what posts_pack wrote. */
bool posts_unpack(struct str packed, struct posts *out);

#endif
