#include "engine/expand.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <fstream>

#include "base/schema.h"
#include "support/place.h"

using namespace wanspool;
using namespace wanspool::test;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("engine");

namespace {

Models const& models() {
  static auto const known = read_models(schema_file("models.yaml"), "models.yaml");
  return known;
}

// Jobs that are called red-1, blue-2, red-3 and so on.
std::string manifest_of(int count) {
  std::string text = "manifest: 1\nname: cats\ndefaults: { model: wan2.6-t2i }\njobs:\n";
  for (int i = 1; i <= count; ++i)
    text += fmt::format("  - {{ id: {}-{}, prompt: a kite {} }}\n", i % 2 ? "red" : "blue", i, i);
  return text;
}

struct Read {
  ManifestHead head;
  std::vector<std::string> names;
};

Read read(std::string const& text, Selection const& selection) {
  Read read;
  read.head = read_rows({text, "cats.yaml"}, models(), "cn-beijing", selection,
                        [&](NewJob const& job) { read.names.push_back(job.name); });
  return read;
}

std::vector<std::string> selected(int count, Selection const& selection) {
  auto const all = read(manifest_of(count), selection);
  CHECK(all.head.ok());
  CHECK(all.head.jobs == all.names.size());
  return all.names;
}

std::string trouble(fs::path const& file) try {
  manifest_text(file);
  return {};
} catch (std::runtime_error const& error) {
  return error.what();
}

bool holds(std::string const& text, std::string const& part) {
  return text.find(part) != std::string::npos;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("rows come back from a spill as they went in") {
  Place place;
  NewJob full;
  full.name = "job/with/parts";
  full.line = 7;
  full.fingerprint = std::string(64, 'f');
  full.body = std::string{"{\"a\":\"line\nend\0\xC3\xA9\"}", 17};
  full.model = "wan2.6-image";
  full.wanted = 4;
  full.price = Money{220'177};
  full.size = "1280*1280";
  full.base = std::string(64, 'b');
  full.take = 3;
  full.place = "marble/vase";
  full.vars = "{}";
  SpillWriter writer{place / "spill"};
  for (int i = 0; i < 5000; ++i) {
    full.line = i;
    writer.add(full);
    writer.add({});
  }
  writer.finish();
  SpillReader reader{place / "spill"};
  int read = 0;
  for (auto rows = reader.next(300); !rows.empty(); rows = reader.next(300))
    for (auto const& row : rows) {
      bool const whole = read % 2 == 0;
      full.line = read++ / 2;
      auto const& wanted = whole ? full : NewJob{};
      CHECK(row.name == wanted.name);
      CHECK(row.line == wanted.line);
      CHECK(row.fingerprint == wanted.fingerprint);
      CHECK(row.body == wanted.body);
      CHECK(row.model == wanted.model);
      CHECK(row.wanted == wanted.wanted);
      CHECK(row.price == wanted.price);
      CHECK(row.size == wanted.size);
      CHECK(row.base == wanted.base);
      CHECK(row.take == wanted.take);
      CHECK(row.place == wanted.place);
      CHECK(row.vars == wanted.vars);
    }
  CHECK(read == 10'000);
}

TEST_CASE("a spill that would grow longer than is wanted is given up, and nothing of it stays") {
  Place place;
  auto const manifest =
      place.write("m.yaml",
                  "manifest: 1\ndefaults: { model: wan2.6-t2i }\njobs:\n"
                  "  - { id: \"{a}-{b}\", prompt: \"a {a} {b}\", matrix: { a: [x, y], b: [u, v] } }\n");
  auto const read = [&](std::uint64_t most) {
    return expand(manifest, "m.yaml", place / "spill", place / "files", models(), "cn-beijing", most);
  };
  CHECK_THROWS_AS(read(100), SpillTooLong);
  CHECK_FALSE(fs::exists(place / "spill"));
  CHECK(read(1 << 20).head.jobs == 4);
}

TEST_CASE("a spill that is cut off anywhere is trouble, not fewer rows") {
  Place place;
  SpillWriter writer{place / "spill"};
  writer.add({});
  writer.finish();
  auto const size = fs::file_size(place / "spill");
  for (std::uintmax_t cut = 1; cut < size; ++cut) {
    fs::copy_file(place / "spill", place / "cut", fs::copy_options::overwrite_existing);
    fs::resize_file(place / "cut", cut);
    SpillReader reader{place / "cut"};
    CHECK_THROWS_AS(reader.next(10), std::system_error);
  }
}

TEST_CASE("a name selects its job and everything below it, whatever its spelling") {
  CHECK(selected(5, {{"cats/red-3"}}) == Names{"red-3"});
  CHECK(selected(3, {{"cats"}}) == Names{"red-1", "blue-2", "red-3"});
  CHECK(selected(5, {{"Cats/RED 3", "cats/blue-2/"}}) == Names{"blue-2", "red-3"});
}

TEST_CASE("a pattern selects what fits it, and two of them the one or the other, once") {
  CHECK(selected(4, {{"cats/red-*"}}) == Names{"red-1", "red-3"});
  CHECK(selected(4, {{"**/blue-*", "cats/*-4"}}) == Names{"blue-2", "blue-4"});
}

TEST_CASE("a sample is spread evenly over what is there") {
  CHECK(selected(10, {{}, 1}) == Names{"red-1"});
  CHECK(selected(10, {{}, 3}) == Names{"red-1", "blue-4", "red-7"});
  CHECK(selected(3, {{}, 3}) == Names{"red-1", "blue-2", "red-3"});
  CHECK(selected(3, {{}, 7}).size() == 3);
  CHECK(selected(1000, {{}, 999}).size() == 999);
  CHECK(selected(20, {{"cats/blue-*"}, 2}) == Names{"blue-2", "blue-12"});
}

TEST_CASE("a selection that nothing fits names what may be meant") {
  auto const near = read(manifest_of(4), {{"cats/red-1", "cats/rad-3"}});
  CHECK(near.names.empty());
  CHECK(near.head.jobs == 0);
  REQUIRE(near.head.complaints.size() == 1);
  CHECK(near.head.complaints[0].str() ==
        "cats.yaml: error: no job fits 'cats/rad-3'; did you mean cats/red-1, cats/red-3?");
  auto const bare = read(manifest_of(4), {{"blue-4"}});
  REQUIRE(bare.head.complaints.size() == 1);
  CHECK(bare.head.complaints[0].text == "no job fits 'blue-4'; did you mean cats/blue-4?");
  auto const far = read(manifest_of(4), {{"elephants/*"}, 2});
  REQUIRE(far.head.complaints.size() == 1);
  CHECK(far.head.complaints[0].text == "no job fits 'elephants/*'; its jobs are named cats/JOB");
}

TEST_CASE("what a selection leaves out is checked as well") {
  auto const all = read(manifest_of(2) + "  - { id: bad }\n", {{"cats/red-1"}});
  CHECK_FALSE(all.head.ok());
  CHECK(all.names.empty());
}

TEST_CASE("a manifest's text is refused at once where it can be none") {
  Place place;
  ::mkfifo((place / "fifo.yaml").c_str(), 0666);
  CHECK(holds(trouble(place / "fifo.yaml"), "is no plain file"));
  CHECK(holds(trouble(place.path()), "is no plain file"));
  CHECK(holds(trouble("/dev/zero"), "is no plain file"));
  CHECK(holds(trouble(place / "nowhere.yaml"), "No such file"));
  place.write("huge.yaml", "manifest: 1\n");
  fs::resize_file(place / "huge.yaml", (512u << 20) + 1);
  CHECK(holds(trouble(place / "huge.yaml"), "larger than 512 MiB"));
  place.write("picture.yaml", std::string{"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16});
  CHECK(holds(trouble(place / "picture.yaml"), "zero bytes"));
  place.write("utf16.yaml", std::string{"\xff\xfem\0a\0", 6});
  CHECK(trouble(place / "utf16.yaml").empty());
  place.write("good.yaml", manifest_of(1));
  CHECK(manifest_text(place / "good.yaml") == manifest_of(1));
}

TEST_CASE("a bundle is expanded with what was said of it") {
  Place place;
  auto const manifest = place.write("m.yaml",
                                    "manifest: 1\ndefaults: { model: wan2.6-t2i }\njobs:\n"
                                    "  - { id: a, prompt: x }\n  - { id: b, prompt: y }\n");
  Handover handover;
  handover.file = "Cats.yaml";
  handover.selection.sample = 1;
  handover.agreed = Money{5'000'000};
  handover.currency = "CNY";
  write_bundle(place / "bundle", manifest, handover, {}, {});
  auto const expansion =
      expand(place / "bundle", "bundle", place / "spill", place / "files", models(), "cn-beijing");
  CHECK(expansion.head.ok());
  CHECK(expansion.head.name == "cats");
  CHECK(expansion.file == "Cats.yaml");
  CHECK(expansion.partial);
  CHECK(expansion.agreed == Money{5'000'000});
  CHECK(SpillReader{place / "spill"}.next(10).size() == 1);
  handover.currency = "USD";
  write_bundle(place / "dear", manifest, handover, {}, {});
  auto const other = expand(place / "dear", "dear", place / "spill", place / "files", models(), "cn-beijing");
  REQUIRE(other.head.complaints.size() == 1);
  CHECK(holds(other.head.complaints[0].text, "is in USD, and pictures are paid in CNY"));
}
