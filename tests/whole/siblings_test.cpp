#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "base/files.h"
#include "whole/books.h"

// The siblings of wan2.6-image, end to end: three endpoints, two shapes of bodies and two of results.

using namespace wanspool;
using namespace wanspool::whole;
using nlohmann::json;

TEST_SUITE_BEGIN("whole");

namespace {

// A row that the program does not have and the emulator knows.
constexpr char kOwn[] = R"(
models:
  wanx2.0-t2i-turbo:
    path: /services/aigc/text2image/image-synthesis
    body: input
    prompt_characters: 800
    modes:
      - images: [0, 0]
        count: n
        parameters:
          n: { kind: integer, range: [1, 4], default: 1 }
          size: { kind: size, sides: [512, 1440], default: 1024*1024 }
          seed: { kind: integer, range: [0, 2147483647] }
    limits: { creates: 2, window: 1s, slots: 2, creates_in_flight: 1 }
    prices: { currency: CNY, date: 2026-10-01, per_picture: { loopback: 0.04 } }
)";

constexpr char kAll[] = R"(manifest: 1
jobs:
  - { id: v27, model: wan2.7-image, prompt: a kite, parameters: { n: 2 } }
  - { id: v27-set, model: wan2.7-image, prompt: three kites, parameters: { enable_sequential: true, n: 3 } }
  - id: v27-edit
    model: wan2.7-image-pro
    prompt: the sign says OPEN
    images: [ "https://img.example.com/sign.jpg" ]
    parameters:
      bbox_list: [ [ [100, 120, 420, 300] ] ]
      color_palette: [ { hex: "#C2D1E6", ratio: 50% }, { hex: "#25408F", ratio: 30% }, { hex: "#F2A33A", ratio: 20% } ]
  - { id: v27-words, model: wan2.7-image-pro, prompt: a kite, parameters: { size: 4K } }
  - { id: v25, model: wan2.5-t2i-preview, prompt: a kite, parameters: { negative_prompt: people } }
  - { id: v25-edit, model: wan2.5-i2i-preview, prompt: a red kite, images: [ "https://img.example.com/kite.png" ] }
  - { id: v22-flash, model: wan2.2-t2i-flash, prompt: a kite, parameters: { n: 2 } }
  - { id: v22-plus, model: wan2.2-t2i-plus, prompt: a kite }
  - { id: v21-turbo, model: wanx2.1-t2i-turbo, prompt: a kite }
  - { id: v21-plus, model: wanx2.1-t2i-plus, prompt: a kite }
  - { id: qwen, model: qwen-image, prompt: a kite }
  - { id: qwen-plus, model: qwen-image-plus, prompt: a kite }
  - { id: own, model: wanx2.0-t2i-turbo, prompt: a kite }
)";

json result_of(House const& house, std::string const& job) {
  return json::parse(read_file(house.spool.out / job / "result.json"));
}

}  // namespace

TEST_CASE("every sibling's job is made and its pictures arrive, at the table's price") {
  Emulator const emulator;
  House const house{emulator.endpoint(), std::string{kQuick} + kOwn};
  auto const said = house.run({"run", house.write("kin.yaml", kAll)});
  INFO("standard error: ", said.err);
  REQUIRE(said.code == 0);
  auto const printed = lines_of(said.out);
  CHECK(printed.size() == 17);
  CHECK(std::set<std::string>{printed.begin(), printed.end()}.size() == 17);
  for (auto const& each : printed) CHECK(is_whole_picture(each));
  check_books(house, emulator);
  CHECK(result_of(house, "kin/own")["cost"].dump().find("0.04") != std::string::npos);
  CHECK(result_of(house, "kin/v25")["request"]["input"]["negative_prompt"] == "people");
  CHECK_FALSE(result_of(house, "kin/v25")["request"]["parameters"].contains("negative_prompt"));
  CHECK(result_of(house, "kin/v25-edit")["request"]["input"]["images"].size() == 1);
  CHECK(result_of(house, "kin/v27-edit")["request"]["parameters"]["bbox_list"] ==
        json::parse("[[[100,120,420,300]]]"));
  CHECK(house.run({"run", house.write("kin.yaml", kAll)}).code == 0);
  CHECK(emulator.ledger()["creates"]["accepted"] == 13);
}

TEST_CASE("of an old answer that lacks pictures those come that are there, and only these are paid") {
  Emulator const emulator{{"--fault", "task:1:pictures=1"}};
  House const house{emulator.endpoint()};
  auto const said = house.run(
      {"run",
       house.write("cats.yaml",
                   "manifest: 1\njobs:\n  - { id: boat, model: wan2.2-t2i-flash, prompt: a paper boat, "
                   "parameters: { n: 3 } }\n")});
  INFO("standard error: ", said.err);
  CHECK(lines_of(said.out).size() == 1);
  auto const result = result_of(house, "cats/boat");
  CHECK(result["pictures"].size() == 1);
  CHECK(emulator.ledger()["charged_pictures"] == 1);
  auto const shown = house.run({"show", "cats/boat"});
  CAPTURE(shown.out);
  CHECK(shown.out.find("3 were asked for and 1 came: ") != std::string::npos);
  CHECK(result["state"] == "done");
  CHECK(result["error"]["code"] == "PicturesFailed");
  check_books(house, emulator);
}

TEST_CASE("what an old answer lacked is bought again where the manifest says so") {
  Emulator const emulator{{"--fault", "task:1:pictures=1"}};
  House const house{emulator.endpoint()};
  auto const said = house.run(
      {"run",
       house.write("cats.yaml",
                   "manifest: 1\nrefill: true\njobs:\n  - { id: boat, model: wan2.2-t2i-flash, prompt: a "
                   "paper boat, parameters: { n: 3 } }\n")});
  INFO("standard error: ", said.err);
  CHECK(said.code == 0);
  CHECK(lines_of(said.out).size() == 3);
  CHECK(emulator.ledger()["charged_pictures"] == 3);
  check_books(house, emulator);
}

TEST_CASE("a workspace of the configuration reaches the service with each create") {
  Emulator const emulator;
  House const house{emulator.endpoint(), std::string{kQuick} + "workspace: llm-1a2b\n"};
  auto const said = house.run(
      {"run", house.write("cats.yaml", "manifest: 1\njobs:\n  - { id: a, model: qwen-image, prompt: x }\n")});
  INFO("standard error: ", said.err);
  CHECK(said.code == 0);
  auto const ledger = emulator.ledger();
  REQUIRE(ledger["tasks"].size() == 1);
  CHECK(ledger["tasks"][0]["workspace"] == "llm-1a2b");
}

TEST_CASE("jobs of a model whose row was taken out of the configuration wait for the row") {
  Emulator const emulator{{"--slots", "1", "--service-time", "600s"}};
  House const house{emulator.endpoint(), std::string{kQuick} + kOwn};
  house.hand_in("kin.yaml",
                "manifest: 1\njobs:\n  - { id: a, model: wanx2.0-t2i-turbo, prompt: x }\n"
                "  - { id: b, model: wanx2.0-t2i-turbo, prompt: y }\n"
                "  - { id: c, model: wanx2.0-t2i-turbo, prompt: z }\n"
                "  - { id: d, model: wanx2.0-t2i-turbo, prompt: w }\n"
                "  - { id: e, model: wanx2.0-t2i-turbo, prompt: v }\n");
  {
    auto daemon = house.daemon();
    await(daemon, "two tasks at the provider", [&] { return emulator.created() >= 2; });
    daemon.signal(SIGTERM);
    daemon.wait();
  }
  write_file_safely(house.spool.root / "config.yaml", kQuick);
  auto const said = house.run({"run"});
  CHECK(said.code == 78);
  CHECK(said.err.find("jobs of model 'wanx2.0-t2i-turbo' wait here") != std::string::npos);
}

TEST_CASE("models lists every row, and one of them with its parameters") {
  House const house{"http://127.0.0.1:1/api/v1", std::string{kQuick} + kOwn};
  auto const all = house.run({"models"});
  CHECK(all.code == 0);
  for (auto const* const each :
       {"wan2.6-image ", "wan2.7-image-pro ", "qwen-image-plus ", "wanx2.0-t2i-turbo "})
    CHECK(all.out.find(each) != std::string::npos);
  auto const one = house.run({"models", "wan2.7-image-pro"});
  CAPTURE(one.out);
  CHECK(one.out.find("/api/v1/services/aigc/image-generation/generation") != std::string::npos);
  CHECK(one.out.find("sequence mode, chosen by enable_sequential: true\n") != std::string::npos);
  CHECK(one.out.find("n                  1 to 12; unless said 1; each picture is paid\n") !=
        std::string::npos);
  CHECK(one.out.find("0.50 CNY a picture, an emulator on this machine, of 2026-10-01\n") !=
        std::string::npos);
  CHECK(one.out.find("up to 20971520 bytes, sides of 240 to 8000, no longer than 8:1\n") !=
        std::string::npos);
}

TEST_CASE("models tells machines the same, a row a line") {
  House const house{"http://127.0.0.1:1/api/v1", std::string{kQuick} + kOwn};
  auto const lines = lines_of(house.run({"models", "--json"}).out);
  CHECK(lines.size() == 13);
  for (auto const& line : lines) {
    auto const row = json::parse(line);
    CHECK(row["schema"] == 1);
    CHECK(row["currency"] == "CNY");
    CHECK(row["listed"] == true);
    CHECK(row["own"] == (row["model"] == "wanx2.0-t2i-turbo"));
  }
  auto const one = json::parse(house.run({"models", "--json", "wan2.5-i2i-preview"}).out);
  CHECK(one["pictures"] ==
        json::parse(R"({"bytes":10485760,"sides":[384,5000],"ratio":null,"alpha":false})"));
  CHECK(one["modes"][0]["images"] == json::parse("[1,3]"));
  CHECK(one["price"] == "0.20");
}

TEST_CASE("models needs neither spool nor key, and asks what was meant") {
  House const house{"http://127.0.0.1:1/api/v1"};
  auto setup = house.setup({"models", "wan2.7-imge"});
  setup.environment["WANSPOOL_ROOT"] = (house.folder() / "nowhere").string();
  setup.environment["DASHSCOPE_API_KEY"] = "";
  auto const said = test::finish(setup);
  CHECK(said.code == 4);
  CHECK(said.err == "wanspool: model 'wan2.7-imge' is unknown; did you mean 'wan2.7-image'?\n");
}

TEST_CASE("a model that the region does not list is a warning in check and a star in models") {
  House const house{"", "region: us-east-1\n"};
  auto const file =
      house.write("kin.yaml", "manifest: 1\njobs:\n  - { id: a, model: wan2.7-image, prompt: x }\n");
  auto const said = house.run({"check", file});
  CHECK(said.code == 0);
  CHECK(said.err == file +
                        ": warning: wan2.7-image is not listed in us-east-1, by the table of 2026-10-01: the "
                        "service may refuse it, and the highest price of any region is assumed\n");
  CHECK(said.out.find("at most 0.224826 CNY") != std::string::npos);
  auto const shown = house.run({"models"});
  CHECK(shown.out.find("0.224826 CNY *") != std::string::npos);
  CHECK(shown.out.find("https://dashscope-us.aliyuncs.com/api/v1, prices by picture of us-east-1\n") == 0);
}

TEST_CASE("Frankfurt without a workspace is a wrong configuration, with one it is an endpoint") {
  House const house{"", "region: eu-central-1\n"};
  auto const said = house.run({"models"});
  CHECK(said.code == 78);
  CHECK(said.err.find("set workspace: in the configuration as well") != std::string::npos);
  House const other{"", "region: eu-central-1\nworkspace: llm-1\n"};
  CHECK(other.run({"models", "wan2.6-image"})
            .out.find("https://llm-1.eu-central-1.maas.aliyuncs.com/api/v1/services/aigc/image-generation/"
                      "generation") != std::string::npos);
}

TEST_CASE("a model of the user's own is known to the schema and to check") {
  House const house{"http://127.0.0.1:1/api/v1", std::string{kQuick} + kOwn};
  CHECK(house.run({"schema"}).out.find("wanx2.0-t2i-turbo") != std::string::npos);
  auto const file = house.write(
      "kin.yaml",
      "manifest: 1\njobs:\n  - { id: a, model: wanx2.0-t2i-turbo, prompt: x, parameters: { n: 5 } }\n");
  auto const said = house.run({"check", file});
  CHECK(said.code == 2);
  CHECK(said.err.find("n of wanx2.0-t2i-turbo wants a whole number from 1 to 4, not 5") != std::string::npos);
}

TEST_SUITE_END();
