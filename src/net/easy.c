#include "net/easy.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

_Static_assert(EASY_PROBLEM == CURL_ERROR_SIZE, "libcurl writes so many");

void *easy_new(const char *text, const struct url *url, const struct easy_options *options,
               struct loop_transfer *transfer)
{
    CURL *easy = curl_easy_init();
    if (!easy) {
        fputs("docent: out of memory\n", stderr);
        exit(70);
    }
    curl_easy_setopt(easy, CURLOPT_URL, text);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, options->problem);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)options->connect_ms);
    /* Else a silent name server stops the loop: libcurl waits for the thread that asks it. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    /* Debian's libcurl knows a folder of certificates, and with a folder it parses all of them for every connection.
     * The file of the same certificates is kept once parsed. Verification is as strict as before. */
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    if (options->ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, options->ca_file);
    if (options->user_agent)
        curl_easy_setopt(easy, CURLOPT_USERAGENT, options->user_agent);
    if (url->loopback)
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
    else if (options->proxy)
        curl_easy_setopt(easy, CURLOPT_PROXY, options->proxy);
    return easy;
}
