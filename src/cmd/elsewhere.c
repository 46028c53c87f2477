/*
 * The commands that need the network's libraries, as the program `docent` knows them: it becomes the program
 * `docent-net`, which has them all. Loading those libraries takes longer than answering a question.
 */
#include "base/err.h"
#include "cmd/command.h"
#include "cmd/places.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int become_docent_net(struct call *call)
{
    struct str program = place_net_program(&call->settings.arena);
    execv(program.p, call->all);
    fprintf(stderr, "docent: cannot run '%s', which has the command '%s': %s\n", program.p, call->command->name,
            strerror(errno));
    return STATUS_UNAVAILABLE;
}

int cmd_serve(struct call *call)
{
    return become_docent_net(call);
}

int cmd_report(struct call *call)
{
    return become_docent_net(call);
}

int cmd_post(struct call *call)
{
    return become_docent_net(call);
}

int cmd_slack(struct call *call)
{
    return become_docent_net(call);
}

int cmd_discord(struct call *call)
{
    return become_docent_net(call);
}

int cmd_doctor(struct call *call)
{
    return become_docent_net(call);
}
