#include "app/sample.h"

namespace wanspool::app {

char const* sample_config() {
  return R"(## wanspool reads this file when it starts, and a daemon again when it gets SIGHUP (systemctl reload wanspool);
## another endpoint, region, key, account or path needs a restart. Every key is optional; what is shown is what holds without it.
## Take the "# " away from what you want to change. A mistake here is named with its line, and nothing starts.

## Where pictures are bought. Beijing: https://dashscope.aliyuncs.com/api/v1
## The environment's DASHSCOPE_HTTP_BASE_URL goes first.
# endpoint: https://dashscope-intl.aliyuncs.com/api/v1

## Or the region alone, which names its shared host: cn-beijing, ap-southeast-1, us-east-1, cn-hongkong. With the
## id of a workspace also eu-central-1 and ap-northeast-1. Beside an endpoint of your own, a proxy, it says whose
## prices and limits apply.
# region: ap-southeast-1
# workspace:

## Models that wanspool does not know, written as wanspool models NAME tells them; docs/manifest.md shows one.
# models:

## A file that holds the API key and nothing else; relative to this spool. The environment's DASHSCOPE_API_KEY
## goes first, then systemd's credential dashscope-api-key.
# api_key_file: /etc/wanspool/key

## Plain http to a host that is not this machine sends the key unencrypted.
# allow_http: false

## Results are fetched from the service's storage, dashscope-*.oss-*.aliyuncs.com, and from no other host but these;
## input pictures go nowhere else either. '*' stands for what has no dot in it.
# result_hosts: ["*.oss-cn-beijing.aliyuncs.com"]
# upload_hosts: []

## What the account allows, by model: creates in a second, and tasks that are worked on at once.
# limits:
#   wan2.6-image: { creates_per_second: 5, slots: 5 }

## How often tasks may be asked about in a second, and pages of the account's list read.
# queries_per_second: 20
# lists_per_second: 20

## Other accounts that jobs may be bought under, by names of your own; the one above is called main. Each needs a
## key of its own (or systemd's credential dashscope-api-key-NAME) and has limits of its own, and may have a
## `budget` like the one below.
# accounts:
#   studio: { api_key_file: keys/studio, limits: { wan2.6-image: { slots: 5 } }, budget: { day: { pictures: 500 } } }

## How long a created task may take to show in the account's list.
# doubt: { list_delay: 60s }

## A manifest that would newly cost more than this is bought only when a person has said yes (wanspool submit
## and run ask) or when its own `budget` covers it. 0 asks always.
# ask_above: 50 CNY

## What may be bought at most, in pictures and in money: in a day, in a month, by model and by person. Jobs beyond it wait
## until the day or the month turns. A manifest has a `budget` of its own for its whole life.
# budget:
#   day: { pictures: 1000, cost: 200 CNY }
#   month: { cost: 3000 CNY }
#   models: { wan2.6-image: { day: { pictures: 500 } } }
#   submitter: { day: { pictures: 300 } }        # of each person: the owner of the manifest's file

## Where days turn, and whose time is shown: a name such as Europe/Berlin. The system's unless set.
# timezone:

## A dropped file is taken when it has not changed for `settle`; the inbox is looked at every `rescan` where
## the system does not tell of changes (NFS, CIFS).
# inbox: { settle: 2s, rescan: 10s }

## Metrics for Prometheus, in a file of node_exporter's textfile collector; its name ends in .prom. None is
## written unless this is set.
# metrics: { file: /var/lib/prometheus/node-exporter/wanspool.prom, every: 15s }

## Lines of the log where no journal takes them: text, or json, one object a line.
# log: { format: text }

## Commands that are run when a job is done, a whole manifest is, a job has failed, or an account has stopped. Each is
## a program by its whole path and its arguments; no shell reads them, and JSON on standard input says what has happened.
## They run as this service does, in its sandbox: docs/hooks.md.
# hooks: { job: [/usr/local/bin/picture-ready, --quiet], manifest: [/usr/local/bin/tell], failure: [/usr/local/bin/tell], stopped: [/usr/local/bin/page-somebody], time_limit: 30s }

## Who may read what is written for people: pictures, old ones, orphans and receipts. The umask is octal; the group,
## a name or an id, must be one of the daemon's. Both are the process's unless set.
# files: { umask: 027, group: studio }

## The inbox and the pictures may lie elsewhere; relative paths are below this spool.
# paths: { inbox: inbox, out: out }
)";
}

}  // namespace wanspool::app
