#include "app/context.h"

#include <doctest/doctest.h>

#include "app/exit.h"
#include "app/sample.h"
#include "support/place.h"

using namespace wanspool;
using namespace wanspool::app;
using test::Environment;
using test::Place;

TEST_SUITE_BEGIN("app");

namespace {

std::filesystem::path make_spool(std::filesystem::path const& root) {
  Spool::at(root).make();
  return root;
}

int code_of(Where const& where) {
  try {
    open_context(where);
  } catch (Quit const& quit) {
    return quit.exit_code;
  }
  return 0;
}

}  // namespace

TEST_CASE("a spool is found here, in a parent, and from inside of it") {
  Environment const none{{{"WANSPOOL_ROOT", ""}}};
  Place place;
  auto const root = make_spool(place / "spool");
  std::filesystem::create_directories(place / "a/b");
  CHECK(find_root({}, place.path()) == root);
  CHECK(find_root({}, place / "a/b") == root);
  CHECK(find_root({}, root) == root);
  CHECK(find_root({}, root / "out") == root);
}

TEST_CASE("a folder around us that only has an inbox is somebody else's") {
  Environment const none{{{"WANSPOOL_ROOT", ""}}};
  Place place;
  std::filesystem::create_directories(place / "inbox");
  CHECK(find_root({}, place.path()) != place.path());
}

TEST_CASE("the option goes before the environment and the environment before what is found") {
  Place place;
  make_spool(place / "spool");
  Environment const set{{{"WANSPOOL_ROOT", (place / "other").string()}}};
  CHECK(find_root("third/", place.path()) == place / "third");
  CHECK(find_root({}, place.path()) == place / "other");
}

TEST_CASE("where there is no spool only those who may make one go on") {
  Environment const none{{{"DASHSCOPE_HTTP_BASE_URL", ""}}};
  Place place;
  Where const where{(place / "new").string(), {}};
  CHECK(code_of(where) == kWrong);
  CHECK_FALSE(std::filesystem::exists(place / "new"));
  CHECK(open_context(where, Making::Allowed).spool.root == place / "new");
  CHECK(code_of(where) == 0);
}

TEST_CASE("a spool whose inbox lies elsewhere is still one") {
  Place place;
  place.write("spool/config.yaml", "paths: { inbox: " + (place / "drop").string() + " }\n");
  Where const where{(place / "spool").string(), {}};
  CHECK(open_context(where, Making::Allowed).spool.inbox == place / "drop");
  CHECK(open_context(where).spool.inbox == place / "drop");
}

TEST_CASE("a wrong configuration is refused with every complaint and its place") {
  Place place;
  make_spool(place / "spool");
  place.write("spool/config.yaml", "endpont: x\nqueries_per_secnd: 3\n");
  try {
    open_context({(place / "spool").string(), {}});
    FAIL("it was taken");
  } catch (Quit const& quit) {
    std::string const words = quit.what();
    CHECK(quit.exit_code == kMisconfigured);
    CHECK(words.find("config.yaml:1:1: error: ") != words.npos);
    CHECK(words.find("config.yaml:2:1: error: ") != words.npos);
    CHECK(words.find("did you mean 'endpoint'") != words.npos);
  }
}

TEST_CASE("a configuration that was asked for has to be there") {
  Place place;
  make_spool(place / "spool");
  CHECK(code_of({(place / "spool").string(), (place / "none.yaml").string()}) == kMisconfigured);
}

TEST_CASE("the sample configuration is right as it is and with every setting put to use") {
  std::string const sample = sample_config();
  auto const models = known_models();
  CHECK(read_config(sample, "sample", models).complaints.empty());
  std::string used;
  for (std::size_t at = 0; at < sample.size();) {
    auto const end = sample.find('\n', at);
    auto const line = sample.substr(at, end - at);
    if (line.starts_with("# ")) used += line.substr(2) + "\n";
    at = end + 1;
  }
  auto const read = read_config(used, "sample", models);
  for (auto const& each : read.complaints) MESSAGE(each.str());
  CHECK(read.complaints.empty());
  CHECK(read.config.endpoint == "https://dashscope-intl.aliyuncs.com/api/v1");
  CHECK(read.config.limits.size() == 1);
}

TEST_CASE("old and orphaned pictures lie beside out, wherever it is") {
  auto const usual = Spool::at("/srv/wan");
  CHECK(usual.old == "/srv/wan/old");
  CHECK(usual.orphans == "/srv/wan/orphans");
  auto const elsewhere = Spool::at("/srv/wan", "inbox", "/data/pictures/");
  CHECK(elsewhere.old == "/data/old");
  CHECK(elsewhere.orphans == "/data/orphans");
  CHECK(elsewhere.answers == "/srv/wan/state/answers");
}

TEST_CASE("a task id makes one folder of orphans/, whatever is in it") {
  auto const spool = Spool::at("/srv/wan");
  CHECK(spool.orphan_folder("0385dc79-5ff8_4d82") == "/srv/wan/orphans/0385dc79-5ff8_4d82");
  CHECK(spool.orphan_folder("../x y").filename() == "___x_y");
  CHECK(spool.old_folder("cats/hero") == "/srv/wan/old/cats/hero");
}

TEST_SUITE_END();
