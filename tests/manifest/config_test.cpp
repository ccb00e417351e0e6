#include "manifest/config.h"

#include <string>

#include "manifest/reading.h"

using namespace wanspool;

TEST_SUITE_BEGIN("manifest");

namespace {

std::string complaints(std::string_view text) {
  std::string out;
  for (auto const& each : read_config(text, "config.yaml", reading::models()).complaints)
    out += each.str() + "\n";
  return out;
}

}  // namespace

TEST_CASE("an empty configuration is all defaults") {
  for (auto const* const text : {"", "# nothing\n", "{}\n", "limits:\n"}) {
    auto const read = read_config(text, "config.yaml", reading::models());
    CHECK(read.complaints.empty());
    CHECK(read.config.endpoint.empty());
    CHECK(read.config.limits.empty());
    CHECK(read.config.queries_per_second == 20);
    CHECK(read.config.lists_per_second == 20);
    CHECK(read.config.inbox == "inbox");
  }
}

TEST_CASE("ask_above is a price in the currency of the model table, or 0") {
  auto const asks = [](std::string const& text) {
    return read_config("ask_above: " + text, "config.yaml", reading::models()).config.ask_above;
  };
  CHECK(asks("12.50 CNY") == Money{12'500'000});
  CHECK(asks("0") == Money{});
  CHECK(asks("") == Money{50'000'000});
  for (auto const* const wrong : {"50", "50 EUR", "-1 CNY", "much"})
    CHECK(
        complaints(std::string{"ask_above: "} + wrong) ==
        std::string{"config.yaml:1:12: error: ask_above is a price such as 50 CNY, or 0 to be asked always, "
                    "not '"} +
            wrong + "'\n");
}

TEST_CASE("every key of the configuration reaches its place") {
  auto const read = read_config(R"(
endpoint: https://dashscope-intl.aliyuncs.com/api/v1/
allow_http: true
api_key_file: /run/key
limits:
  wan2.6-image: { creates_per_second: 2, slots: 0 }
  wan2.6-t2i: { creates_in_flight: 3 }
queries_per_second: 5
lists_per_second: 3
doubt: { list_delay: 2m }
inbox: { settle: 500ms, rescan: 1h }
paths: { inbox: /srv/in, out: pictures }
)",
                                "config.yaml", reading::models());
  CHECK(read.complaints.empty());
  auto const& config = read.config;
  CHECK(config.endpoint == "https://dashscope-intl.aliyuncs.com/api/v1");
  CHECK(config.allow_http);
  CHECK(config.api_key_file == "/run/key");
  CHECK(config.limits.at("wan2.6-image") == LimitsChange{2, 0, {}});
  CHECK(config.limits.at("wan2.6-t2i") == LimitsChange{{}, {}, 3});
  CHECK(config.queries_per_second == 5);
  CHECK(config.lists_per_second == 3);
  CHECK(config.list_delay == minutes{2});
  CHECK(config.settle == milliseconds{500});
  CHECK(config.rescan == hours{1});
  CHECK(config.inbox == "/srv/in");
  CHECK(config.out == "pictures");
}

TEST_CASE("what the configuration sets lies over a row, and nothing else of it changes") {
  Limits row;
  row.creates = 2;
  row.window = minutes{1};
  row.slots = 7;
  auto const same = laid_over(row, {});
  CHECK(same.creates == 2);
  CHECK(same.window == minutes{1});
  CHECK(same.slots == 7);
  auto const changed = laid_over(row, {3, {}, 0});
  CHECK(changed.creates == 3);
  CHECK(changed.window == seconds{1});
  CHECK(changed.slots == 7);
  CHECK(changed.creates_in_flight == 0);
}

TEST_CASE("a mistyped key of the configuration is asked what was meant") {
  CHECK(complaints("endpiont: x\nlimits:\n  wan2.6-imge: { slots: 5 }\n  wan2.6-t2i: { slot: 5 }\n") ==
        "config.yaml:1:1: error: the configuration has no key 'endpiont'; did you mean 'endpoint'?\n"
        "config.yaml:3:3: error: model 'wan2.6-imge' is unknown; did you mean 'wan2.6-image'?\n"
        "config.yaml:4:17: error: a model's limits has no key 'slot'; did you mean 'slots'?\n");
}

TEST_CASE("caps of a day, of a month and of models reach their places") {
  auto const read = read_config(R"(
budget:
  day: { pictures: 1000, cost: 200 CNY }
  month: { cost: 3000 CNY }
  models:
    wan2.6-image: { day: { pictures: 500 }, month: { cost: 99.50 CNY } }
    wan2.6-t2i: { day: }
)",
                                "config.yaml", reading::models());
  CHECK(read.complaints.empty());
  auto const& caps = read.config.caps;
  CHECK(caps.all.day == Budget{1000, Money{200'000'000}});
  CHECK(caps.all.month == Budget{{}, Money{3'000'000'000}});
  CHECK(caps.models.at("wan2.6-image") == Caps::Periods{{500, {}}, {{}, Money{99'500'000}}});
  CHECK(caps.models.at("wan2.6-t2i") == Caps::Periods{});
  CHECK(read_config("", "config.yaml", reading::models()).config.caps.empty());
}

TEST_CASE("a cap that is none is named with what one looks like") {
  CHECK(complaints("budget: { days: { pictures: 5 } }\n") ==
        "config.yaml:1:11: error: 'budget' has no key 'days'; did you mean 'day'?\n");
  CHECK(complaints("budget: { day: { cost: 5 } }\n") ==
        "config.yaml:1:24: error: cost wants an amount with its currency such as '40 CNY', not '5'\n");
  CHECK(complaints("budget: { month: { pictures: none } }\n").find("pictures wants a whole number from 1") !=
        std::string::npos);
  CHECK(complaints("budget: { models: { wan2.6-imge: { day: { pictures: 5 } } } }\n") ==
        "config.yaml:1:21: error: model 'wan2.6-imge' is unknown; did you mean 'wan2.6-image'?\n");
  CHECK(complaints("budget: { models: 5 }\n").find("models is a map by model") != std::string::npos);
}

TEST_CASE("timezone is the name of a zone that the system knows") {
  auto const zone = [](std::string const& text) {
    return read_config("timezone: " + text, "config.yaml", reading::models()).config.timezone;
  };
  CHECK(zone("UTC") == "UTC");
  CHECK(zone("").empty());
  CHECK(complaints("timezone: Europe/Berlim\n") ==
        "config.yaml:1:11: error: timezone 'Europe/Berlim' is not known to this system; it is a name such as "
        "Europe/Berlin, a file below /usr/share/zoneinfo (Debian's package tzdata)\n");
  for (auto const* const wrong : {"../zoneinfo/UTC", "/etc/localtime", "Europe", "CET-1CEST", "tzdata.zi"})
    CHECK(complaints(std::string{"timezone: "} + wrong + "\n").find("is not known") != std::string::npos);
}

TEST_CASE("metrics and the log's format reach their places") {
  auto const read =
      read_config("metrics: { file: /var/lib/node/wanspool.prom, every: 1m }\nlog: { format: json }\n",
                  "config.yaml", reading::models());
  CHECK(read.complaints.empty());
  CHECK(read.config.metrics_file == "/var/lib/node/wanspool.prom");
  CHECK(read.config.metrics_every == minutes{1});
  CHECK(read.config.json_logs);
  auto const silent =
      read_config("metrics: { every: 5s }\nlog: { format: text }\n", "config.yaml", reading::models());
  CHECK(silent.complaints.empty());
  CHECK(silent.config.metrics_file.empty());
  CHECK_FALSE(silent.config.json_logs);
  CHECK(read_config("", "config.yaml", reading::models()).config.metrics_every == seconds{15});
}

TEST_CASE("metrics that nobody would read and a format that is none are refused") {
  CHECK(complaints("metrics: { file: /tmp/wanspool.txt }\n") ==
        "config.yaml:1:18: error: the name of a file for metrics ends in .prom; node_exporter reads no "
        "other\n");
  CHECK(complaints("metrics: { every: 500ms }\n") == "config.yaml:1:19: error: every is at least 1s\n");
  CHECK(complaints("log: { format: xml }\n") ==
        "config.yaml:1:16: error: a log's format is text or json, not 'xml'\n");
  CHECK(complaints("log: { fromat: json }\n") ==
        "config.yaml:1:8: error: 'log' has no key 'fromat'; did you mean 'format'?\n");
}

TEST_CASE("an endpoint that cannot be one is refused") {
  auto const wanted = std::string{"an endpoint is written like https://dashscope-intl.aliyuncs.com/api/v1"};
  CHECK(complaints("endpoint: dashscope.aliyuncs.com\n") == "config.yaml:1:11: error: " + wanted + "\n");
  CHECK(complaints("endpoint: https://dashscope.aliyuncs.com\n") ==
        "config.yaml:1:11: error: an endpoint ends in /api/v1; " + wanted + "\n");
  CHECK(complaints("endpoint: https://me:key@dashscope.aliyuncs.com/api/v1\n") ==
        "config.yaml:1:11: error: " + wanted + ", with nothing but host, port and path\n");
  CHECK(complaints("endpoint: https:///api/v1\n") == complaints("endpoint: https://me:key@a/api/v1\n"));
}

TEST_CASE("plain http is for loopback, or for whoever says so") {
  CHECK(complaints("endpoint: http://127.0.0.1:8080/api/v1\n").empty());
  CHECK(complaints("endpoint: http://localhost:8080/api/v1\n").empty());
  CHECK(complaints("endpoint: http://[::1]:8080/api/v1\n").empty());
  CHECK(complaints("endpoint: http://proxy.example/api/v1\nallow_http: true\n").empty());
  CHECK(complaints("endpoint: http://127.0.0.1.example/api/v1\n") ==
        "config.yaml:1:11: error: over plain http everyone on the way can read the key; use https, or set "
        "allow_http: "
        "true\n");
}

TEST_CASE("lengths of time want their unit") {
  CHECK(complaints("doubt: { list_delay: 60 }\n") ==
        "config.yaml:1:22: error: list_delay wants a length of time such as 500ms, 60s, 2m or 1h, a day at "
        "most, not "
        "'60'; write 60s\n");
  CHECK(complaints("inbox: { settle: -1s }\n").find("not '-1s'") != std::string::npos);
  CHECK(complaints("inbox: { rescan: 25h }\n").find("a day at most") != std::string::npos);
  CHECK(complaints("inbox: { rescan: 2 days }\n").find("not '2 days'") != std::string::npos);
  CHECK(complaints("inbox: { rescan: 0s }\n") == "config.yaml:1:18: error: rescan cannot be 0\n");
}

TEST_CASE("values of the configuration have types and ranges") {
  CHECK(complaints(
            "allow_http: \"true\"\nqueries_per_second: -1\nlimits: 5\npaths: out\ninbox: { settle: [] }\n"
            "lists_per_second: many\n") ==
        "config.yaml:1:13: error: allow_http wants true or false, not the text 'true'; drop the quotes\n"
        "config.yaml:2:21: error: queries_per_second wants a whole number from 0 to 100000, not -1\n"
        "config.yaml:3:9: error: limits is a map by model, such as wan2.6-image: { slots: 5 }, not 5\n"
        "config.yaml:4:8: error: 'paths' is a map of keys (inbox, …), not 'out'\n"
        "config.yaml:5:18: error: settle wants a text, not a list\n"
        "config.yaml:6:19: error: lists_per_second wants a whole number from 0 to 100000, not 'many'\n");
}

TEST_CASE("a configuration that is no YAML says where") {
  CHECK(complaints("endpoint: \"https://a.example/api/v1\n") ==
        "config.yaml:1:11: error: a quote is opened here and never closed\n");
  CHECK(complaints("- a\n") ==
        "config.yaml:1:1: error: a file like this is a map of keys, such as 'manifest: 1'\n");
}

TEST_CASE("hosts of results and uploads are whole names, alone or in a list, with a star for one part") {
  auto const read = read_config(
      "result_hosts: [Pictures.example.com, '*.oss-cn-beijing.aliyuncs.com']\n"
      "upload_hosts: storage.example.com\n",
      "config.yaml", reading::models());
  REQUIRE(read.complaints.empty());
  CHECK(read.config.result_hosts ==
        std::vector<std::string>{"pictures.example.com", "*.oss-cn-beijing.aliyuncs.com"});
  CHECK(read.config.upload_hosts == std::vector<std::string>{"storage.example.com"});
}

TEST_CASE("a host that would let in hosts of anybody, or is none, is refused with its place") {
  for (auto const* const open : {"'*'", "'*.com'", "'*.*'", "a.*", "'a*.com'", "'x.*.com'"})
    CHECK_MESSAGE(complaints(std::string{"result_hosts: ["} + open + "]\n").find("hosts of anybody") !=
                      std::string::npos,
                  open);
  for (auto const* const wrong : {"https://a.example.com", "a.example.com/b", "a.example.com:443", "'a b'",
                                  ".example.com", "a..com", "'**.example.com'", "a_b.example.com"})
    CHECK_MESSAGE(
        complaints(std::string{"upload_hosts: "} + wrong + "\n").find("config.yaml:1:15: error: a host is") ==
            0,
        wrong);
  CHECK(complaints("result_host: [a.example.com]\n").find("did you mean 'result_hosts'?") !=
        std::string::npos);
}

TEST_CASE("each person's cap of a day and a month stands beside those of all, and in no account") {
  auto const read =
      read_config("budget: { submitter: { day: { pictures: 50, cost: 10 CNY }, month: { cost: 99 CNY } } }\n",
                  "config.yaml", reading::models());
  CHECK(read.complaints.empty());
  CHECK(read.config.caps.submitter == Caps::Periods{{50, Money{10'000'000}}, {{}, Money{99'000'000}}});
  CHECK(read.config.caps.all == Caps::Periods{});
  CHECK(complaints("budget: { submiter: { day: { pictures: 5 } } }\n") ==
        "config.yaml:1:11: error: 'budget' has no key 'submiter'; did you mean 'submitter'?\n");
  CHECK(complaints("budget: { submitter: { week: { pictures: 5 } } }\n")
            .find("'submitter' has no key 'week'") != std::string::npos);
  CHECK(complaints(
            "accounts: { studio: { api_key_file: k, budget: { submitter: { day: { pictures: 5 } } } } }\n")
            .find("'budget' has no key 'submitter'") != std::string::npos);
  CHECK(read_config("budget: { submitter: }\n", "config.yaml", reading::models()).config.caps.empty());
}

TEST_CASE("a umask is octal as it is written, with quotes or without, and leaves the daemon its own files") {
  auto const umask = [](std::string const& text) {
    return read_config("files: { umask: " + text + " }\n", "config.yaml", reading::models())
        .config.files.umask;
  };
  CHECK(umask("027") == 027);
  CHECK(umask("'027'") == 027);
  CHECK(umask("0002") == 2);
  CHECK(umask("\"000\"") == 0);
  CHECK_FALSE(umask(""));
  CHECK(complaints("files: { umask: 27 }\n") ==
        "config.yaml:1:17: error: a umask is three octal digits, such as 027, not '27'\n");
  CHECK(complaints("files: { umask: 028 }\n").find("not '028'") != std::string::npos);
  CHECK(complaints("files: { umask: 1027 }\n").find("not '1027'") != std::string::npos);
  CHECK(complaints("files: { umask: u=rwx }\n").find("not 'u=rwx'") != std::string::npos);
  CHECK(
      complaints("files: { umask: 227 }\n") ==
      "config.yaml:1:17: error: a umask of 227 would keep the daemon from its own files; it begins with 0\n");
}

TEST_CASE("a group of files is a name or an id") {
  auto const group = [](std::string const& text) {
    return read_config("files: { group: " + text + " }\n", "config.yaml", reading::models())
        .config.files.group;
  };
  CHECK(group("studio") == "studio");
  CHECK(group("1005") == "1005");
  CHECK(group("").empty());
  CHECK(complaints("files: { group: 'the studio' }\n") ==
        "config.yaml:1:17: error: a group is a name or an id, not 'the studio'\n");
  CHECK(complaints("files: { gruop: studio }\n").find("did you mean 'group'?") != std::string::npos);
}
