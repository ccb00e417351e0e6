#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/files.h"
#include "whole/books.h"

// Pictures that go in, with the real programs: files, other jobs' pictures, and those of the web.
using namespace wanspool;
using namespace wanspool::whole;

namespace fs = std::filesystem;

TEST_SUITE_BEGIN("whole");

namespace {

// Pictures that can be worked on in their turn.
std::vector<std::string> with(std::vector<std::string> options) {
  options.insert(options.end(), {"--picture-size", "320x320"});
  return options;
}

// A picture of 320 × 320 pixels, each name's its own.
std::string picture(Emulator const& emulator, std::string const& name) {
  return emulator.get("/__web/" + name + ".png");
}

// The base of a picture in the web that is on loopback and this emulator's.
std::string web(Emulator const& emulator) {
  auto const endpoint = emulator.endpoint();
  return endpoint.substr(0, endpoint.find("/api/v1")) + "/__web/";
}

void check_done(House const& house, Emulator const& emulator, std::int64_t jobs) {
  CHECK(house.tally()[State::Done] == jobs);
  CHECK(emulator.created() == jobs);
  auto const verified = house.run({"verify"});
  INFO(verified.out, verified.err);
  CHECK(verified.code == 0);
}

}  // namespace

TEST_CASE("a thousand jobs over three shared pictures make three uploads") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  std::string rows;
  for (int i = 0; i < 1000; ++i) rows += fmt::format("      - {{ id: n{}, photo: p{} }}\n", i, i % 3);
  for (auto const* const name : {"p0", "p1", "p2"})
    house.write(std::string{name} + ".png", picture(emulator, name));
  auto const manifest = house.write("m.yaml",
                                    "manifest: 1\njobs:\n  - id: all\n    prompt: \"number ${id}\"\n"
                                    "    images: [\"${photo}.png\"]\n    rows:\n" +
                                        rows);
  auto const said = house.run({"run", manifest, "--yes"}, std::chrono::minutes{5});
  INFO(said.err);
  CHECK(said.code == 0);
  CHECK(emulator.ledger()["uploads"] == 3);
  check_done(house, emulator, 1000);
}

TEST_CASE("a picture that went up for one run is used by the next one") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  house.write("cat.png", picture(emulator, "cat"));
  auto const text = [](std::string const& prompt) {
    return "manifest: 1\nname: m\njobs: [ { id: a, prompt: " + prompt + ", images: [ cat.png ] } ]\n";
  };
  CHECK(house.run({"run", house.write("m.yaml", text("one"))}).code == 0);
  CHECK(house.run({"run", house.write("m.yaml", text("two"))}).code == 0);
  CHECK(emulator.ledger()["uploads"] == 1);
  CHECK(emulator.created() == 2);
}

TEST_CASE("an address that has died at the provider is made anew, and nothing is paid twice") {
  Emulator const emulator{{"--upload-life", "1ms"}};
  House const house{emulator.endpoint()};
  house.write("cat.png", picture(emulator, "cat"));
  auto const manifest =
      house.write("m.yaml", "manifest: 1\njobs: [ { id: a, prompt: one, images: [ cat.png ] } ]\n");
  auto const said = house.run({"run", manifest});
  INFO(said.err);
  // The address is dead whenever it is used: it was renewed and tried again, and then the job failed.
  CHECK(said.code == 1);
  CHECK(emulator.ledger()["uploads"] == 3);
  CHECK(emulator.ledger()["charged_pictures"] == 0);
}

TEST_CASE("an address that died while its job waited is renewed and the job is done") {
  // The first create does not find the picture any more.
  Emulator const emulator{{"--fault", "create:1:400,code=InvalidParameter,message=oss download error."}};
  House const house{emulator.endpoint()};
  house.write("cat.png", picture(emulator, "cat"));
  auto const manifest =
      house.write("m.yaml", "manifest: 1\njobs: [ { id: a, prompt: one, images: [ cat.png ] } ]\n");
  auto const said = house.run({"run", manifest});
  INFO(said.err);
  CHECK(said.code == 0);
  CHECK(emulator.ledger()["uploads"] == 2);
  check_done(house, emulator, 1);
}

TEST_CASE("what is killed while pictures go up sends them again and buys each job once") {
  House house{"http://127.0.0.1:9/api/v1"};
  Emulator const emulator{{"--victim-pid-file", house.victim_file().string(), "--fault",
                           "upload:1:kill-before", "--fault", "upload:3:kill-after", "--fault",
                           "policy:2:kill-after"}};
  house.environment["DASHSCOPE_HTTP_BASE_URL"] = emulator.endpoint();
  auto const folder = house.spool.inbox / ".shop";
  fs::create_directories(folder);
  std::string jobs = "manifest: 1\njobs:\n";
  for (int i = 0; i < 4; ++i) {
    write_file_safely(folder / fmt::format("p{}.png", i), picture(emulator, fmt::format("p{}", i)));
    jobs += fmt::format("  - {{ id: j{0}, prompt: number {0}, images: [ p{0}.png ] }}\n", i);
  }
  write_file_safely(folder / "manifest.yaml", jobs);
  fs::rename(folder, house.spool.inbox / "shop");
  int deaths = 0;
  for (bool finished = false; !finished;) {
    auto daemon = house.victim();
    await("the daemon's end, or that of its work",
          [&] { return !daemon.is_running() || house.is_settled(4); });
    finished = daemon.is_running();
    if (finished) daemon.signal(SIGTERM);
    INFO("the daemon's log: ", daemon.err());
    REQUIRE(daemon.wait() == (finished ? 0 : kKilled));
    deaths += !finished;
  }
  CHECK(deaths >= 2);
  check_done(house, emulator, 4);
}

TEST_CASE("what was checked is what goes up, whatever becomes of the file meanwhile") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto const before = picture(emulator, "before"), after = picture(emulator, "after");
  auto const file = house.write("cat.png", before);
  auto const manifest =
      house.write("m.yaml", "manifest: 1\njobs: [ { id: a, prompt: one, images: [ cat.png ] } ]\n");
  // Nobody works yet: the picture is in the bundle, and then in files/.
  CHECK(house.run({"submit", manifest}).code == 0);
  house.write("cat.png", after);
  CHECK(house.run({"run"}).code == 0);
  auto const files = [&] {
    std::vector<std::string> all;
    for (auto const& each : fs::directory_iterator{house.spool.files}) all.push_back(read_file(each.path()));
    return all;
  };
  CHECK(files() == std::vector<std::string>{before});
  check_done(house, emulator, 1);
  // Dropped again, the changed picture is another request.
  CHECK(house.run({"run", manifest}).code == 0);
  CHECK(emulator.created() == 2);
  CHECK(files().size() == 2);
}

TEST_CASE("a picture that is gone from files/ fails its job with the reason, and a new drop mends it") {
  Emulator const emulator;
  House house{emulator.endpoint()};
  house.write("cat.png", picture(emulator, "cat"));
  auto const manifest =
      house.write("m.yaml", "manifest: 1\njobs: [ { id: a, prompt: one, images: [ cat.png ] } ]\n");
  house.environment["DASHSCOPE_HTTP_BASE_URL"] = fmt::format("http://127.0.0.1:{}/api/v1", closed_port());
  {
    auto daemon = house.daemon();
    CHECK(house.run({"submit", manifest}).code == 0);
    await("it is in the queue", [&] { return house.tally()[State::Queued] == 1; });
    daemon.signal(SIGTERM);
    CHECK(daemon.wait() == 0);
  }
  house.environment["DASHSCOPE_HTTP_BASE_URL"] = emulator.endpoint();
  for (auto const& each : fs::directory_iterator{house.spool.files}) fs::remove(each.path());
  auto const said = house.run({"run"});
  CHECK(said.code == 1);
  CHECK(said.err.find("is not there any more") != std::string::npos);
  CHECK(house.run({"run", manifest}).code == 0);
  check_done(house, emulator, 1);
}

TEST_CASE("jobs that are made from one another are bought in order, three deep, across a kill") {
  House house{"http://127.0.0.1:9/api/v1"};
  Emulator const emulator{with({"--victim-pid-file", house.victim_file().string(), "--fault",
                                "create:2:kill-after", "--fault", "upload:2:kill-before"})};
  house.environment["DASHSCOPE_HTTP_BASE_URL"] = emulator.endpoint();
  house.hand_in("chain.yaml",
                "manifest: 1\njobs:\n"
                "  - { id: third, prompt: third, images: [ \"job:second#1\" ] }\n"
                "  - { id: second, prompt: second, images: [ \"job:first\" ] }\n"
                "  - { id: first, prompt: first, model: wan2.6-t2i }\n");
  int deaths = 0;
  Later later{house};
  for (bool finished = false; !finished;) {
    auto daemon = house.victim();
    await("the daemon's end, or that of its work", [&] {
      later.look();
      return !daemon.is_running() || (later.handed() == 0 ? house.is_settled(3) : later.is_settled(3));
    });
    finished = daemon.is_running();
    if (finished) daemon.signal(SIGTERM);
    INFO("the daemon's log: ", daemon.err());
    REQUIRE(daemon.wait() == (finished ? 0 : kKilled));
    deaths += !finished;
  }
  CHECK(deaths >= 1);
  check_done(house, emulator, 3 + later.handed());
  auto const when = [&](std::string const& job) {
    return house.json({"show", "chain/" + job, "--json"})["times"];
  };
  CHECK(when("first")["done"] <= when("second")["sent"]);
  CHECK(when("second")["done"] <= when("third")["sent"]);
}

TEST_CASE("who waits for another job's picture says so") {
  House const house{fmt::format("http://127.0.0.1:{}/api/v1", closed_port())};
  auto daemon = house.daemon();
  house.hand_in("m.yaml",
                "manifest: 1\njobs:\n"
                "  - { id: first, prompt: first, model: wan2.6-t2i }\n"
                "  - { id: second, prompt: second, images: [ \"job:first\" ] }\n");
  await("both are in the queue", [&] { return house.tally()[State::Queued] == 2; });
  CHECK(house.json({"show", "m/second", "--json"})["waits_for"] == std::vector<std::string>{"m/first"});
  CHECK(house.json({"show", "m/first", "--json"})["waits_for"].empty());
  CHECK(house.run({"show", "m/second"}).out.find("waits for  m/first, whose picture it is made from") !=
        std::string::npos);
  CHECK(house.run({"list", "m/second"}).out.find("waits for m/first") != std::string::npos);
  daemon.signal(SIGTERM);
  CHECK(daemon.wait() == 0);
}

TEST_CASE("why no picture goes up stands in the status until one does") {
  Emulator const emulator{{"--fault", "upload:1-4:503"}};
  House const house{emulator.endpoint()};
  auto daemon = house.daemon();
  auto const folder = house.spool.inbox / ".shop";
  fs::create_directories(folder);
  write_file_safely(folder / "cat.png", picture(emulator, "cat"));
  write_file_safely(folder / "manifest.yaml",
                    "manifest: 1\njobs: [ { id: a, prompt: one, images: [ cat.png ] } ]\n");
  fs::rename(folder, house.spool.inbox / "shop");
  await("it is told", [&] { return house.json({"status", "--json"})["uploads"].is_string(); });
  await("the job is done", [&] { return house.is_settled(1); });
  CHECK(house.json({"status", "--json"})["uploads"].is_null());
  CHECK(house.tally()[State::Done] == 1);
  daemon.signal(SIGTERM);
  CHECK(daemon.wait() == 0);
}

TEST_CASE("a source that failed fails what is made from it, with the reason") {
  Emulator const emulator{with({"--fault", "create:1:400,code=DataInspectionFailed"})};
  House const house{emulator.endpoint()};
  auto const manifest = house.write("m.yaml",
                                    "manifest: 1\njobs:\n"
                                    "  - { id: first, prompt: first, model: wan2.6-t2i }\n"
                                    "  - { id: second, prompt: second, images: [ \"job:first\" ] }\n"
                                    "  - { id: third, prompt: third, images: [ \"job:second\" ] }\n");
  auto const said = house.run({"run", manifest});
  INFO(said.err);
  CHECK(said.code == 1);
  CHECK(emulator.created() == 0);
  CHECK(house.tally()[State::Failed] == 3);
  auto const error = house.json({"show", "m/third", "--json"})["error"];
  CHECK(error["code"] == "SourceFailed");
  CHECK(error["message"].get<std::string>().find("m/second, which it is made from, failed") == 0);
}

TEST_CASE("a source bought anew rebuys nothing by itself, and the next drop says and does it") {
  Emulator const emulator{with({})};
  House const house{emulator.endpoint()};
  auto const manifest = house.write("m.yaml",
                                    "manifest: 1\njobs:\n"
                                    "  - { id: first, prompt: first, model: wan2.6-t2i }\n"
                                    "  - { id: second, prompt: second, images: [ \"job:first\" ] }\n");
  CHECK(house.run({"run", manifest}).code == 0);
  CHECK(house.run({"redo", "m/first", "--yes"}).code == 0);
  CHECK(house.run({"run"}).code == 0);
  CHECK(emulator.created() == 3);
  auto const plan = house.run({"plan", manifest, "--diff"});
  INFO(plan.out);
  CHECK(plan.out.find("m/second") != std::string::npos);
  CHECK(house.run({"run", manifest}).code == 0);
  CHECK(emulator.created() == 4);
  CHECK(house.run({"run", manifest}).code == 0);
  CHECK(emulator.created() == 4);
  CHECK(house.run({"verify"}).code == 0);
}

TEST_CASE("a picture that the service cannot fetch is fetched here, once, through a redirect") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto const address = web(emulator) + "hidden/cat.png";
  auto const manifest = house.write(
      "m.yaml", fmt::format("manifest: 1\njobs:\n"
                            "  - {{ id: a, prompt: one, images: [ \"{0}\" ] }}\n"
                            "  - {{ id: b, prompt: two, images: [ \"{0}\" ] }}\n"
                            "  - {{ id: c, prompt: three, images: [ \"{1}moved/hidden/dog.png\" ] }}\n",
                            address, web(emulator)));
  auto const said = house.run({"run", manifest});
  INFO(said.err);
  CHECK(said.code == 0);
  auto const books = emulator.ledger();
  CHECK(books["web"] == 1);  // the third one's address does not say that it is hidden
  CHECK(books["uploads"] == 1);
  check_done(house, emulator, 3);
}

TEST_CASE("with fetch: always no create is wasted, and redirects are followed") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto const manifest =
      house.write("m.yaml", fmt::format("manifest: 1\nfetch: always\njobs:\n"
                                        "  - {{ id: a, prompt: one, images: [ \"{0}hidden/cat.png\" ] }}\n"
                                        "  - {{ id: b, prompt: two, images: [ \"{0}moved/dog.png\" ] }}\n",
                                        web(emulator)));
  auto const said = house.run({"run", manifest});
  INFO(said.err);
  CHECK(said.code == 0);
  auto const books = emulator.ledger();
  CHECK(books["creates"]["received"] == 2);
  CHECK(books["web"] == 3);
  CHECK(books["uploads"] == 2);
  check_done(house, emulator, 2);
}

TEST_CASE("with fetch: never the service's word stands") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto const manifest =
      house.write("m.yaml", fmt::format("manifest: 1\nfetch: never\njobs:\n"
                                        "  - {{ id: a, prompt: one, images: [ \"{0}hidden/cat.png\" ] }}\n",
                                        web(emulator)));
  CHECK(house.run({"run", manifest}).code == 1);
  CHECK(emulator.ledger()["web"] == 0);
  CHECK(emulator.created() == 0);
}

TEST_CASE("a picture of the web that no model takes fails its job before anything is sent") {
  Emulator const emulator;
  House const house{emulator.endpoint()};
  auto const manifest = house.write(
      "m.yaml",
      fmt::format("manifest: 1\nfetch: always\njobs:\n  - {{ id: a, prompt: one, images: [ \"{}\" ] }}\n",
                  emulator.endpoint() + "/tasks/none"));
  auto const said = house.run({"run", manifest});
  CHECK(said.code == 1);
  CHECK(said.err.find("cannot fetch") != std::string::npos);
  CHECK(emulator.ledger()["creates"]["received"] == 0);
}

TEST_CASE("while no picture goes up the jobs that need none are drawn, however many wait before them") {
  Emulator const emulator{{"--fault", "upload:*:503"}};
  House const house{emulator.endpoint()};
  auto daemon = house.daemon();
  auto const folder = house.spool.inbox / ".shop";
  fs::create_directories(folder);
  std::string jobs = "manifest: 1\njobs:\n";
  for (int i = 0; i < 100; ++i) {
    write_file_safely(folder / fmt::format("p{}.png", i), picture(emulator, fmt::format("p{}", i)));
    jobs += fmt::format("  - {{ id: s{0}, prompt: shot {0}, images: [ p{0}.png ] }}\n", i);
  }
  for (int i = 0; i < 5; ++i)
    jobs +=
        fmt::format("  - {{ id: w{0}, prompt: words {0}, parameters: {{ enable_interleave: true }} }}\n", i);
  write_file_safely(folder / "manifest.yaml", jobs);
  fs::rename(folder, house.spool.inbox / "shop");
  await("those of words alone are done", [&] { return house.tally()[State::Done] == 5; });
  CHECK(emulator.created() == 5);
  CHECK(house.tally()[State::Queued] == 100);
  daemon.signal(SIGTERM);
  CHECK(daemon.wait() == 0);
}
