/* The limit for a client on one core: an epoll loop that only sends and receives.
 *
 *   loop ADDRESS PORT PATH CONNECTIONS SECONDS keep|close [RATE [HEADER...]]
 *
 * In "keep" it parses the first response to learn its size. Then it only counts bytes, so all responses must have the
 * same size. In "close" a response ends with its connection, and each request opens a new one. With a RATE (requests a
 * second, only in "keep"; 0 is none) a timerfd wakes it, and idle connections take the due slots of one schedule. Slots within
 * 120 us share a wake-up, as in GLuTEN. This is the limit for a paced client.
 * The kernel throws the bytes away (MSG_TRUNC, tcp(7)), so nothing is copied.
 * Prints: completed N, seconds S. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static const double QUANTUM = 120e-6;

enum { EVENTS = 512, LARGE = 1 << 20, FIRST = 4 << 20 };

static struct sockaddr_in target;
static char request[1024];
static size_t request_size;

static void fail(const char *what) {
    fprintf(stderr, "loop: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + at.tv_nsec / 1e9;
}

static int open_connection(void) {
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0) fail("socket");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (struct sockaddr *)&target, sizeof target) < 0) fail("connect");
    return fd;
}

static void ask(int fd) {
    if (send(fd, request, request_size, MSG_NOSIGNAL) != (ssize_t)request_size) fail("send");
}

static void watch(int epoll, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
}

static void wake_at(int timer, double at) {
    struct itimerspec spec = {.it_value = {(time_t)at, (long)((at - (time_t)at) * 1e9) + 1}};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &spec, NULL);
}

/* The size of a whole response whose first `got` bytes are in `text`; 0 if that cannot be told yet. */
static long whole(const char *text, long got) {
    const char *end = strstr(text, "\r\n\r\n");
    if (!end) return 0;
    const char *length = strcasestr(text, "\r\nContent-Length:");
    if (length && length < end) return end + 4 - text + atol(length + 17);
    return got > 5 && !memcmp(text + got - 5, "0\r\n\r\n", 5) ? got : 0;
}

static long learn(void) {
    char *text = calloc(1, FIRST + 1);
    long got = 0, size = 0;
    int fd = open_connection();
    ask(fd);
    while (!size || got < size) {
        ssize_t count = got < FIRST ? recv(fd, text + got, FIRST - got, 0) : -1;
        if (count <= 0) fail("the first response is of no length that can be told");
        got += count;
        size = whole(text, got);
    }
    if (strncmp(text + 9, "200", 3)) fail("the first response is not 200");
    close(fd);
    free(text);
    return size;
}

/* Adds a line to the request. */
static void add(const char *form, const char *one, const char *two, const char *three) {
    size_t room = sizeof request - request_size;
    int size = snprintf(request + request_size, room, form, one, two, three);
    if (size < 0 || (size_t)size >= room) fail("the request is too long");
    request_size += size;
}

static void ask_for(char **argument, int keep, int count) {
    add("GET %s HTTP/1.1\r\nHost: %s:%s\r\n", argument[3], argument[1], argument[2]);
    if (!keep) add("Connection: close\r\n", "", "", "");
    for (int i = 8; i < count; i++) add("%s\r\n", argument[i], "", "");
    add("\r\n", "", "", "");
}

int main(int count, char **argument) {
    if (count < 7) {
        fprintf(stderr, "usage: loop ADDRESS PORT PATH CONNECTIONS SECONDS keep|close [RATE [HEADER...]]\n");
        return 2;
    }
    int connections = atoi(argument[4]), keep = !strcmp(argument[6], "keep");
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    target.sin_family = AF_INET;
    target.sin_port = htons(atoi(argument[2]));
    inet_pton(AF_INET, argument[1], &target.sin_addr);
    ask_for(argument, keep, count);

    double rate = count > 7 ? atof(argument[7]) : 0;
    long size = keep ? learn() : 0, completed = 0;
    long *missing = calloc(files.rlim_cur, sizeof *missing);
    char *sink = malloc(LARGE);
    struct epoll_event events[EVENTS];
    int epoll = epoll_create1(0), timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), idle = 0;
    int *free_ones = calloc(connections, sizeof *free_ones);
    watch(epoll, timer);
    for (int i = 0; i < connections; i++) {
        int fd = open_connection();
        watch(epoll, fd);
        missing[fd] = size;
        if (rate) free_ones[idle++] = fd;
        else ask(fd);
    }
    double slot = 0, next = 0, start = now(), end = start + atof(argument[5]), at = start;
    while (at < end) {
        if (rate && at >= next) {
            for (; idle && start + slot / rate <= at; slot++) ask(free_ones[--idle]);
            double due = start + slot / rate;
            next = due > at + QUANTUM ? due : at + QUANTUM;
            wake_at(timer, next);
        }
        int ready = epoll_wait(epoll, events, EVENTS, 100);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == timer) {
                unsigned long long times;
                if (read(timer, &times, sizeof times) < 0 && errno != EAGAIN) fail("timer");
                continue;
            }
            ssize_t got = recv(fd, sink, LARGE, MSG_DONTWAIT | MSG_TRUNC);
            if (got < 0 && errno == EAGAIN) continue;
            if (got < 0 || (got == 0 && keep)) fail("recv");
            if (keep) {
                missing[fd] -= got;
                if (missing[fd]) continue;
                missing[fd] = size;
            } else {
                if (got) continue;
                close(fd);
                fd = open_connection();
                watch(epoll, fd);
            }
            completed++;
            if (rate) free_ones[idle++] = fd;
            else ask(fd);
        }
        at = now();
    }
    printf("completed %ld\nseconds %.6f\n", completed, at - start);
    return 0;
}
