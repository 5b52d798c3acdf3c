/* A server of ready-made pages for the benchmarks: the least work that still answers everything a run asks, so
 * that it is never the bottleneck. Built by bench.py with cc -O2.
 *
 *   server RECORDS [--record-bytes N] [--delay-ms N] [--burst N]
 *
 * All records stand in memory as one text, newest first and with their commas, so a page is three pieces and one
 * writev. Ascending pages are put together from the same records. Windows are honoured by arithmetic: record n
 * changed at BEGIN + n * step. A cursor is a place in the order asked for. The port is printed on the first line.
 * GET /statistics tells what was asked; anything unknown is an empty list.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { PAGE_LIMIT = 500, REQUEST_BYTES = 16384, RECORD_ROOM = 4096, FIRST_ID = 10000000 };
static const int64_t BEGIN = 1451606400;  /* 2016-01-01 */
static const int64_t END = 1767225600;    /* 2026-01-01 */

static int64_t record_count, step_seconds;
static int record_bytes = 1900, delay_ms, burst;
static char *text;
static size_t *place; /* of record n; records lie in descending order, each followed by a comma */
static size_t *length;
static _Atomic long requests, refused;

/* ---- records ---- */

static uint64_t seed = 88172645463325252ULL;
static uint64_t draw(void) { /* xorshift: the same records on every machine */
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return seed;
}
static int below(int bound) { return (int)(draw() % (uint64_t)bound); }

static const char *words[] = {
    "renewal", "pilot", "licence", "rollout", "north", "annual", "service", "review", "Müller", "Łódź", "offer",
    "workshop", "café", "upgrade", "contract", "fleet", "storage", "consulting", "phase", "second", "team", "site",
    "retainer", "hardware", "日本", "support", "framework", "seats", "training", "migration", "audit", "support desk",
};
static char *put_words(char *out, int count) {
    for (int n = 0; n < count; n++)
        out += sprintf(out, n ? " %s" : "%s", words[below(sizeof words / sizeof *words)]);
    return out;
}
static char *put_time(char *out, const char *name, int64_t at) {
    struct tm tm;
    time_t seconds = at;
    gmtime_r(&seconds, &tm);
    return out + sprintf(out, "\"%s\":\"%04d-%02d-%02dT%02d:%02d:%02dZ\",", name, tm.tm_year + 1900, tm.tm_mon + 1,
                         tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* One custom field: as many kinds as an account has. */
static char *put_custom(char *out, int number) {
    uint64_t key = 0x9E3779B97F4A7C15ULL * (uint64_t)(number + 1);
    out += sprintf(out, "\"%016llx%016llx%08llx\":", (unsigned long long)key, (unsigned long long)(key * 31),
                   (unsigned long long)(key * 17 & 0xffffffff));
    switch (number % 6) {
    case 0: return out + sprintf(out, "%d", below(900));
    case 1: return out + sprintf(out, "{\"value\":%d.%02d,\"currency\":\"EUR\"}", below(90000), below(100));
    case 2: return out + sprintf(out, "null");
    case 3: *out++ = '"'; out = put_words(out, 3 + below(6)); *out++ = '"'; return out;
    case 4: return out + sprintf(out, "[%d,%d]", 100 + below(40), 140 + below(40));
    default: return out + sprintf(out, "\"20%02d-%02d-%02d\"", 16 + below(10), 1 + below(12), 1 + below(28));
    }
}

static size_t write_record(char *start, int64_t n) {
    char *out = start;
    int64_t changed = BEGIN + n * step_seconds;
    out += sprintf(out, "{\"id\":%lld,\"title\":\"", (long long)(FIRST_ID + n));
    out = put_words(out, 3 + below(3));
    if (below(20) == 0) out += sprintf(out, " \\\"%s\\\"", words[below(8)]);
    out += sprintf(out, "\",");
    if (record_bytes < 400) {
        out = put_time(out, "update_time", changed);
        out += sprintf(out, "\"value\":%d}", below(100000));
        return (size_t)(out - start);
    }
    out += sprintf(out, "\"creator_user_id\":%d,\"owner_id\":%d,\"value\":%d.%02d,\"person_id\":%d,\"org_id\":%d,",
                   1 + below(40), 1 + below(40), below(200000), below(100), 1 + below(400000), 1 + below(90000));
    out += sprintf(out, "\"stage_id\":%d,\"pipeline_id\":%d,\"currency\":\"EUR\",", 1 + below(20), 1 + below(4));
    out += sprintf(out, "\"archive_time\":null,");
    out = put_time(out, "add_time", changed - 86400 * (1 + below(300)));
    out = put_time(out, "update_time", changed);
    out = put_time(out, "stage_change_time", changed - below(86400));
    out += sprintf(out, "\"status\":\"%s\",\"is_archived\":false,\"is_deleted\":false,\"probability\":%d,",
                   below(3) ? "open" : "won", 10 * below(10));
    out += sprintf(out, "\"lost_reason\":null,\"visible_to\":%d,\"close_time\":null,\"won_time\":null,", 1 + below(7));
    out += sprintf(out, "\"lost_time\":null,\"local_won_date\":null,\"local_lost_date\":null,");
    out += sprintf(out, "\"local_close_date\":null,\"expected_close_date\":\"2026-%02d-%02d\",\"label_ids\":[%d],",
                   1 + below(12), 1 + below(28), 1 + below(30));
    out += sprintf(out, "\"origin\":\"ManuallyCreated\",\"origin_id\":null,\"channel\":%d,\"channel_id\":null,",
                   1 + below(9));
    out += sprintf(out, "\"source_lead_id\":null,\"acv\":null,\"arr\":null,\"mrr\":null,\"custom_fields\":{");
    for (int field = 0; out - start < record_bytes - 60; field++) {
        if (field) *out++ = ',';
        out = put_custom(out, field);
    }
    out += sprintf(out, "}}");
    return (size_t)(out - start);
}

static void make_records(void) {
    size_t room = (size_t)record_count * (size_t)(record_bytes + 200) + RECORD_ROOM, used = 0;
    text = malloc(room);
    place = malloc(sizeof *place * (size_t)(record_count + 1));
    length = malloc(sizeof *length * (size_t)(record_count + 1));
    if (!text || !place || !length) { fprintf(stderr, "no memory for the records\n"); exit(1); }
    for (int64_t n = record_count - 1; n >= 0; n--) {
        place[n] = used;
        length[n] = write_record(text + used, n);
        used += length[n];
        text[used++] = ',';
    }
}

/* ---- requests ---- */

static const char *parameter(const char *query, const char *name, char *value, size_t room) {
    size_t name_length = strlen(name);
    for (const char *at = query; at && *at; at = strpbrk(at, "&"), at = at ? at + 1 : NULL) {
        if (strncmp(at, name, name_length) || at[name_length] != '=') continue;
        size_t used = 0;
        for (at += name_length + 1; *at && *at != '&' && *at != ' ' && used + 1 < room; at++) {
            unsigned code;
            if (*at == '%' && sscanf(at + 1, "%2x", &code) == 1) value[used++] = (char)code, at += 2;
            else value[used++] = *at;
        }
        value[used] = 0;
        return value;
    }
    return NULL;
}

/* The first record that changed at `time` or later. */
static int64_t first_since(const char *time) {
    struct tm tm = {0};
    if (!strptime(time, "%Y-%m-%dT%H:%M:%SZ", &tm)) return 0;
    int64_t seconds = (int64_t)timegm(&tm) - BEGIN;
    int64_t n = seconds <= 0 ? 0 : (seconds + step_seconds - 1) / step_seconds;
    return n > record_count ? record_count : n;
}

static bool send_all(int socket, struct iovec *pieces, int count) {
    while (count) {
        ssize_t sent = writev(socket, pieces, count);
        if (sent < 0) { if (errno == EINTR) continue; return false; }
        while (count && (size_t)sent >= pieces->iov_len) sent -= (ssize_t)pieces->iov_len, pieces++, count--;
        if (count) pieces->iov_base = (char *)pieces->iov_base + sent, pieces->iov_len -= (size_t)sent;
    }
    return true;
}

static int head(char *out, int status, size_t body) {
    struct tm tm;
    time_t now = time(NULL);
    char date[64];
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &tm));
    return sprintf(out,
                   "HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Type: application/json; charset=utf-8\r\n"
                   "x-ratelimit-limit: %d\r\nx-ratelimit-remaining: %d\r\nx-ratelimit-reset: 2\r\n"
                   "x-daily-ratelimit-token-remaining: 90000000\r\nx-daily-ratelimit-token-limit: 100000000\r\n"
                   "Content-Length: %zu\r\n\r\n",
                   status, status == 200 ? "OK" : "Too Many Requests", date, burst ? burst : 10000,
                   burst ? burst / 2 : 9999, body);
}

static bool send_text(int socket, int status, const char *body) {
    char first[1024];
    struct iovec pieces[2] = {{first, 0}, {(void *)body, strlen(body)}};
    pieces[0].iov_len = (size_t)head(first, status, pieces[1].iov_len);
    return send_all(socket, pieces, 2);
}

static bool send_page(int socket, const char *query) {
    char value[128];
    int64_t least = 0, most = record_count, limit = PAGE_LIMIT;
    if (parameter(query, "updated_since", value, sizeof value)) least = first_since(value);
    if (parameter(query, "updated_until", value, sizeof value)) most = first_since(value);
    if (parameter(query, "limit", value, sizeof value)) limit = atoll(value);
    if (limit < 1 || limit > PAGE_LIMIT) limit = PAGE_LIMIT;
    bool descending = parameter(query, "sort_direction", value, sizeof value) && !strcmp(value, "desc");
    if (parameter(query, "cursor", value, sizeof value)) {
        int64_t at = atoll(value + 1);
        if (descending && at < most) most = at;
        if (!descending && at > least) least = at;
    }
    int64_t first = least, after = most;
    if (after < first) after = first;
    if (descending && after - first > limit) first = after - limit;
    if (!descending && after - first > limit) after = first + limit;
    bool has_more = descending ? first > least : after < most;
    char tail[160];
    int tail_length = has_more ? sprintf(tail, "],\"additional_data\":{\"next_cursor\":\"k%lld\"}}",
                                         (long long)(descending ? first : after))
                               : sprintf(tail, "],\"additional_data\":{\"next_cursor\":null}}");
    static const char opening[] = "{\"success\":true,\"data\":[";
    char *built = NULL;
    const char *rows = "";
    size_t rows_length = 0;
    if (after > first && (descending || after == first + 1)) {
        rows = text + place[after - 1];
        rows_length = place[first] + length[first] - place[after - 1];
    } else if (after > first) {
        rows = built = malloc(place[first] + length[first] + 1 - place[after - 1]);
        for (int64_t n = first; n < after; n++) {
            memcpy(built + rows_length, text + place[n], length[n] + 1);
            rows_length += length[n] + 1;
        }
        rows_length--;
    }
    char first_piece[1024 + sizeof opening];
    int head_length = head(first_piece, 200, sizeof opening - 1 + rows_length + (size_t)tail_length);
    memcpy(first_piece + head_length, opening, sizeof opening - 1);
    struct iovec pieces[3] = {{first_piece, (size_t)head_length + sizeof opening - 1},
                              {(void *)rows, rows_length},
                              {tail, (size_t)tail_length}};
    bool sent = send_all(socket, pieces, 3);
    free(built);
    return sent;
}

/* ---- the burst limit: so many requests in any two seconds ---- */

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static int64_t *arrivals, arrival_count, first_arrival_ms, last_arrival_ms;

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static bool is_within_burst(void) {
    pthread_mutex_lock(&gate);
    int64_t now = now_ms();
    bool within = arrival_count < burst || now - arrivals[arrival_count % burst] >= 2000;
    if (within) arrivals[arrival_count++ % burst] = now;
    if (!first_arrival_ms) first_arrival_ms = now;
    last_arrival_ms = now;
    pthread_mutex_unlock(&gate);
    return within;
}

static bool has_records(const char *path) {
    static const char *lists[] = {"/api/v2/deals", "/api/v2/persons", "/api/v2/organizations", "/api/v2/activities",
                                  "/api/v2/products"};
    size_t path_length = strcspn(path, "? ");
    for (size_t n = 0; n < sizeof lists / sizeof *lists; n++)
        if (strlen(lists[n]) == path_length && !strncmp(path, lists[n], path_length)) return true;
    return false;
}

static bool answer(int socket, char *path) {
    if (!strncmp(path, "/statistics", 11)) {
        char body[256];
        sprintf(body, "{\"requests\":%ld,\"refused\":%ld,\"first_to_last_ms\":%lld}", requests, refused,
                (long long)(last_arrival_ms - first_arrival_ms));
        return send_text(socket, 200, body);
    }
    requests++;
    if (burst && !is_within_burst()) {
        refused++;
        return send_text(socket, 429, "{\"success\":false,\"error\":\"request over limit\"}");
    }
    if (delay_ms) usleep((useconds_t)delay_ms * 1000);
    char *query = strchr(path, '?');
    if (has_records(path)) return send_page(socket, query ? query + 1 : "");
    return send_text(socket, 200, "{\"success\":true,\"data\":[],\"additional_data\":{\"next_cursor\":null}}");
}

static void *serve(void *argument) {
    int socket = (int)(intptr_t)argument;
    char request[REQUEST_BYTES];
    size_t used = 0;
    for (;;) {
        char *end;
        request[used] = 0;
        while (!(end = strstr(request, "\r\n\r\n"))) {
            ssize_t got = read(socket, request + used, sizeof request - 1 - used);
            if (got <= 0) { close(socket); return NULL; }
            request[used += (size_t)got] = 0;
        }
        *strchr(request, '\r') = 0;
        char *path = strchr(request, ' ');
        char *version = path ? strchr(path + 1, ' ') : NULL;
        if (!version) { close(socket); return NULL; }
        *version = 0;
        if (!answer(socket, path + 1)) { close(socket); return NULL; }
        size_t taken = (size_t)(end + 4 - request);
        memmove(request, request + taken, used -= taken);
    }
}

int main(int count, char **arguments) {
    if (count < 2) {
        fprintf(stderr, "usage: server RECORDS [--record-bytes N] [--delay-ms N] [--burst N]\n");
        return 64;
    }
    record_count = atoll(arguments[1]);
    for (int n = 2; n + 1 < count; n += 2) {
        int value = atoi(arguments[n + 1]);
        if (!strcmp(arguments[n], "--record-bytes")) record_bytes = value;
        else if (!strcmp(arguments[n], "--delay-ms")) delay_ms = value;
        else if (!strcmp(arguments[n], "--burst")) burst = value;
        else return 64;
    }
    step_seconds = (END - BEGIN) / (record_count ? record_count : 1);
    if (!step_seconds) step_seconds = 1;
    signal(SIGPIPE, SIG_IGN);
    arrivals = calloc((size_t)(burst ? burst : 1), sizeof *arrivals);
    make_records();
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 64)) { perror("listen"); return 1; }
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client < 0) continue;
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)client)) close(client);
        else pthread_detach(thread);
    }
}
