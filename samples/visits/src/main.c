#include "store.h"
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int count, char **words) {
    if (count == 2 && !strcmp(words[1], "--check")) {
        printf("%s\n", count_visit(":memory:") == 1 ? "ok" : "broken");
        return 0;
    }
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(atoi(words[1]))};
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&place, sizeof place) || listen(listener, 64)) return 1;
    for (;;) {
        char request[4096], answer[256];
        int client = accept(listener, 0, 0);
        if (client < 0 || read(client, request, sizeof request) <= 0) { close(client); continue; }
        int length = snprintf(answer, sizeof answer,
            "HTTP/1.0 200 OK\r\n\r\nvisit %ld\n", count_visit(words[2]));
        if (write(client, answer, length) < 0) perror("write");
        close(client);
    }
}
