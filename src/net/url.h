/*
 * url: the parts of an address, read strictly, so that nobody else reads it differently.
 *
 *     struct url url;
 *     if (url_parse(STR("wss://gateway.discord.gg/?v=10"), &url))  … url.host is "gateway.discord.gg" …
 */
#ifndef DOCENT_NET_URL_H
#define DOCENT_NET_URL_H

#include "base/str.h"

#include <stdbool.h>

struct url {              /* views into the text */
    bool secure;          /* https, wss */
    bool loopback;        /* 127.0.0.0/8 as four plain numbers, [::1], localhost */
    struct str authority; /* host and port, as in a Host header */
    struct str host;      /* with the brackets of an IPv6 address */
    struct str port;      /* digits; empty: the scheme's */
    struct str path;      /* path and query, without the fragment; may be empty or begin with '?' */
};

/*
 * False for anything but http, https, ws and wss with a host, for user names and passwords, and for bytes that do not
 * belong into an address: spaces, control characters, backslashes, whatever is not ASCII.
 */
bool url_parse(struct str text, struct url *url);

#endif
