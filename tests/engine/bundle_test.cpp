#include "engine/bundle.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <functional>

#include "base/files.h"
#include "engine/steps.h"
#include "support/place.h"

using namespace wanspool;
using namespace wanspool::test;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("engine");

namespace {

constexpr char const* kManifest = "manifest: 1\njobs: []\n";

void write(fs::path const& path, std::string const& text) {
  fs::create_directories(path.parent_path());
  std::ofstream{path} << text;
}

// What a person may drop: a manifest with rows and a prompt beside it.
struct Dropped {
  Dropped() {
    write(folder / "manifest.yaml", kManifest);
    write(folder / "rows.csv", "sku\n1\n");
    write(folder / "texts/one.txt", "a kite");
  }
  FindFile find() const { return files_of(open_bundle(folder, "cats"), folder); }
  std::string why_not(std::string const& written) const { return find()(written).why_not; }
  std::string trouble() const try {
    open_bundle(folder, "cats");
    return {};
  } catch (std::runtime_error const& error) {
    return error.what();
  }

  Place place;
  fs::path folder = place.path() / "cats";
};

bool holds(std::string const& text, std::string const& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a folder with a manifest in it is a bundle and goes by the folder's name") {
  Dropped dropped;
  CHECK(is_bundle(dropped.folder));
  CHECK_FALSE(is_bundle(dropped.folder / "texts"));
  CHECK_FALSE(is_bundle(dropped.folder / "manifest.yaml"));
  CHECK_FALSE(is_bundle(dropped.folder / "nowhere"));
  auto const bundle = open_bundle(dropped.folder, "My Cats");
  CHECK(bundle.name == "my-cats");
  CHECK(bundle.handover.file == "My Cats/manifest.yaml");
  CHECK(bundle.handover.empty());
  CHECK_FALSE(bundle.mapped);
  CHECK(read_file(bundle.manifest) == kManifest);
}

TEST_CASE("a manifest alone goes by its file's name and brings no files") {
  Dropped dropped;
  auto const file = dropped.folder / "manifest.yaml";
  auto const bundle = open_bundle(file, "Dogs.yaml");
  CHECK(bundle.name == "dogs");
  CHECK(bundle.manifest == file);
  CHECK(bundle.handover.file == "Dogs.yaml");
  CHECK(holds(files_of(bundle, file)("rows.csv").why_not, "drop a folder with it"));
}

TEST_CASE("files of a dropped folder lie below it") {
  Dropped dropped;
  CHECK(read_file(dropped.find()("rows.csv").path) == "sku\n1\n");
  CHECK(read_file(dropped.find()("./texts/one.txt").path) == "a kite");
  fs::create_symlink("texts/one.txt", dropped.folder / "inner");
  CHECK(read_file(dropped.find()("inner").path) == "a kite");
}

TEST_CASE("no path leads out of a dropped folder") {
  Dropped dropped;
  write(dropped.place.path() / "secret.txt", "secret");
  CHECK(holds(dropped.why_not("../secret.txt"), "'..'"));
  CHECK(holds(dropped.why_not("texts/../../secret.txt"), "'..'"));
  CHECK(holds(dropped.why_not("texts/../rows.csv"), "'..'"));
  CHECK(holds(dropped.why_not((dropped.place.path() / "secret.txt").string()), "absolute"));
  CHECK(holds(dropped.why_not(""), "empty"));
  CHECK(holds(dropped.why_not(std::string{"rows.csv\0x", 10}), "zero byte"));
  fs::create_symlink(dropped.place.path() / "secret.txt", dropped.folder / "out.txt");
  fs::create_symlink("../secret.txt", dropped.folder / "up.txt");
  fs::create_symlink("..", dropped.folder / "above");
  fs::create_symlink("/", dropped.folder / "all");
  fs::create_symlink("ring", dropped.folder / "ring");
  for (auto const* const path : {"out.txt", "up.txt", "above/secret.txt", "all/etc/passwd", "ring"})
    CHECK(holds(dropped.why_not(path), "lead out of the manifest's folder"));
}

TEST_CASE("what is no plain file is no file of a manifest, and nobody waits for it") {
  Dropped dropped;
  ::mkfifo((dropped.folder / "fifo").c_str(), 0666);
  CHECK(dropped.why_not("fifo") == "it is no plain file");
  CHECK(dropped.why_not("texts") == "it is no plain file");
}

TEST_CASE("a missing file is heard of, one that leads out is not waited for") {
  Dropped dropped;
  std::vector<std::string> lacking;
  auto const find = files_of(open_bundle(dropped.folder, "cats"), dropped.folder,
                             [&](std::string const& written) { lacking.push_back(written); });
  CHECK(holds(find("later.csv").why_not, "not in the manifest's folder"));
  CHECK(holds(find("later/one.csv").why_not, "not in the manifest's folder"));
  find("rows.csv");
  find("../x.csv");
  find("texts");
  CHECK(lacking == std::vector<std::string>{"later.csv", "later/one.csv"});
}

TEST_CASE("a file is found whichever way its accents are spelled") {
  Dropped dropped;
  std::string const composed = "b\xC3\xA4r/\xC3\xA9.txt", decomposed = "ba\xCC\x88r/e\xCC\x81.txt";
  write(dropped.folder / decomposed, "from a Mac");
  CHECK(read_file(dropped.find()(composed).path) == "from a Mac");
  fs::remove_all(dropped.folder / "ba\xCC\x88r");
  write(dropped.folder / composed, "from elsewhere");
  CHECK(read_file(dropped.find()(decomposed).path) == "from elsewhere");
}

TEST_CASE("a bundle that was written tells what was handed over, byte for byte") {
  Dropped dropped;
  auto const& root = dropped.place.path();
  write(root / "elsewhere/products.csv", "sku\n2\n");
  Handover handover;
  handover.file = "Cats.yaml";
  handover.selection = {{"cats/tabby", "cats/**"}, 3};
  handover.agreed = Money{12'400'000};
  handover.currency = "CNY";
  auto const away = (root / "elsewhere/products.csv").string();
  write_bundle(root / "b", dropped.folder / "manifest.yaml", handover, {"rows.csv", away, "rows.csv"},
               [&](std::string const& written) {
                 return FoundFile{written == away ? fs::path{away} : dropped.folder / written, {}};
               });
  auto const bundle = open_bundle(root / "b", "whatever");
  CHECK(bundle.mapped);
  CHECK(bundle.name == "cats");
  CHECK(bundle.handover.file == "Cats.yaml");
  CHECK(bundle.handover.selection.only == handover.selection.only);
  CHECK(bundle.handover.selection.sample == 3);
  CHECK(bundle.handover.agreed == Money{12'400'000});
  CHECK(bundle.handover.currency == "CNY");
  CHECK(bundle.handover.files == std::map<std::string, std::string>{{"rows.csv", "files/0001-rows.csv"},
                                                                    {away, "files/0002-products.csv"}});
  CHECK(read_file(bundle.manifest) == kManifest);
  auto const find = files_of(bundle, root / "b");
  CHECK(read_file(find("rows.csv").path) == "sku\n1\n");
  CHECK(read_file(find(away).path) == "sku\n2\n");
  CHECK(holds(find("files/0001-rows.csv").why_not, "not handed over"));
  CHECK(holds(find("manifest.yaml").why_not, "not handed over"));
}

TEST_CASE("a bundle shares nothing with the files that it was made of") {
  Dropped dropped;
  auto const to = dropped.place.path() / "b";
  write_bundle(to, dropped.folder / "manifest.yaml", {"cats.yaml", {}}, {"rows.csv"},
               files_below(dropped.folder));
  write(dropped.folder / "rows.csv", "changed");
  CHECK(read_file(to / "files/0001-rows.csv") == "sku\n1\n");
  CHECK(fs::hard_link_count(to / "files/0001-rows.csv") == 1);
}

TEST_CASE("a very long name is shortened at its front, for its ending says what it is") {
  Dropped dropped;
  std::string const name = std::string(240, 'x') + ".csv";
  write(dropped.folder / name, "sku\n3\n");
  auto const to = dropped.place.path() / "b";
  write_bundle(to, dropped.folder / "manifest.yaml", {"cats.yaml", {}}, {name}, files_below(dropped.folder));
  auto const bundle = open_bundle(to, "b");
  CHECK(bundle.handover.files.at(name).ends_with("x.csv"));
  CHECK(read_file(files_of(bundle, to)(name).path) == "sku\n3\n");
}

TEST_CASE("a bundle is not made of folders, fifos and what is not there") {
  Dropped dropped;
  ::mkfifo((dropped.folder / "fifo").c_str(), 0666);
  int made = 0;
  auto const trouble = [&](std::string const& file) -> std::string {
    try {
      write_bundle(dropped.place.path() / std::to_string(++made), dropped.folder / "manifest.yaml",
                   {"cats.yaml", {}}, {file}, files_below(dropped.folder));
      return "";
    } catch (std::runtime_error const& error) {
      return error.what();
    }
  };
  CHECK(trouble("fifo") == "cannot read fifo: it is no plain file");
  CHECK(trouble("texts") == "cannot read texts: it is a folder, not a file");
  CHECK(trouble("nowhere.csv") == "cannot read nowhere.csv: No such file or directory");
  CHECK(trouble("rows.csv").empty());
}

TEST_CASE("what is wrong with a bundle's letter is said in words") {
  Dropped dropped;
  auto const with = [&](std::string const& letter) {
    write(dropped.folder / "bundle.json", letter);
    return dropped.trouble();
  };
  CHECK(with(R"({"schema":1,"file":"cats.yaml"})").empty());
  CHECK(
      with(R"({"schema":1,"file":"cats.yaml","agreed":"12.40","sample":2,"only":["x"],"files":{}})").empty());
  CHECK(holds(with("{"), "is no JSON"));
  CHECK(holds(with("[]"), "is no JSON object"));
  CHECK(holds(with(R"({"file":"cats.yaml"})"), "'schema': 1"));
  CHECK(holds(with(R"({"schema":2,"file":"cats.yaml"})"), "'schema': 1"));
  CHECK(holds(with(R"({"schema":1})"), "wants 'file'"));
  CHECK(holds(with(R"({"schema":1,"file":7})"), "'file' that is no text"));
  CHECK(holds(with(R"({"schema":1,"file":"c.yaml","fils":{}})"), "a key \"fils\""));
  CHECK(holds(with(R"({"schema":1,"file":"c.yaml","files":[]})"), "no map"));
  CHECK(holds(with(R"({"schema":1,"file":"c.yaml","files":{"a":1}})"), "no path for \"a\""));
  CHECK(holds(with(R"({"schema":1,"file":"c.yaml","files":{"a":"../b"}})"), "'..' leads out"));
  CHECK(holds(with(R"({"schema":1,"file":"c.yaml","files":{"a":"/etc/passwd"}})"), "absolute"));
  CHECK(holds(with(R"({"schema":1,"file":"c.yaml","only":"a"})"), "no list"));
  CHECK(holds(with(R"({"schema":1,"file":"c.yaml","only":[""]})"), "no name"));
  CHECK(holds(with(R"({"schema":1,"file":"c.yaml","only":["a\nb"]})"), "no name"));
  CHECK(holds(with(R"({"schema":1,"file":"c.yaml","sample":-1})"), "'sample'"));
  CHECK(holds(with(R"({"schema":1,"file":"c.yaml","sample":1.5})"), "'sample'"));
  for (auto const* const price : {"a lot", "12.40 yuan", "-1", "12.40 CNY CNY", " CNY", ""})
    CHECK(holds(with(std::string{R"({"schema":1,"file":"c.yaml","agreed":")"} + price + "\"}"), "'agreed'"));
}

TEST_CASE("a letter's words are harmless to a terminal, however long and strange they are") {
  Dropped dropped;
  auto const with = [&](std::string const& letter) {
    write(dropped.folder / "bundle.json", letter);
    return dropped.trouble();
  };
  CHECK(holds(with(R"({"schema":1,"file":"c.yaml","\u001b[2J":1})"), R"(a key "\u001b[2J", which)"));
  CHECK(holds(with(R"({"schema":1,"file":"c.yaml","files":{"a\u007f":"../\u0007"}})"),
              R"(gives "../\u0007" for "a\u007f")"));
  CHECK(with(R"({"schema":1,"file":"c","agreed":")" + std::string(5000, 'x') + "\"}").size() < 200);
  write(dropped.folder / "bundle.json", R"({"schema":1,"file":"c\u001b\n.yaml"})");
  CHECK(open_bundle(dropped.folder, "cats").handover.file == "c??.yaml");
}

TEST_CASE("a letter or a manifest that leads out of its folder is not opened") {
  Dropped dropped;
  write(dropped.place.path() / "other.json", R"({"schema":1,"file":"c.yaml"})");
  fs::create_symlink("../other.json", dropped.folder / "bundle.json");
  CHECK(holds(dropped.trouble(), "lead out"));
  fs::remove(dropped.folder / "bundle.json");
  fs::remove(dropped.folder / "manifest.yaml");
  fs::create_symlink("../other.json", dropped.folder / "manifest.yaml");
  CHECK(holds(dropped.trouble(), "lead out"));
}

TEST_CASE("a file that is swapped for a link after it was found is read as it was") {
  Dropped dropped;
  write(dropped.place.path() / "secret.txt", "secret");
  auto const find = dropped.find();
  auto const rows = find("rows.csv"), text = find("texts/one.txt");
  fs::remove(dropped.folder / "rows.csv");
  fs::create_symlink("../secret.txt", dropped.folder / "rows.csv");
  fs::rename(dropped.folder / "texts", dropped.place.path() / "texts");
  write(dropped.place.path() / "others/one.txt", "secret");
  fs::create_symlink("../others", dropped.folder / "texts");
  CHECK(read_file(rows.path) == "sku\n1\n");
  CHECK(read_file(text.path) == "a kite");
  CHECK(holds(find("rows.csv").why_not, "lead out"));
  CHECK(holds(find("texts/one.txt").why_not, "lead out"));
}

TEST_CASE("a folder or a manifest that is swapped for a link is read as it was") {
  Dropped dropped;
  auto const bundle = open_bundle(dropped.folder, "cats");
  auto const find = files_of(bundle, dropped.folder);
  auto const aside = dropped.place.path() / "aside", others = dropped.place.path() / "others";
  write(others / "rows.csv", "secret");
  write(others / "manifest.yaml", "secret");
  fs::rename(dropped.folder, aside);
  fs::create_directory_symlink(others, dropped.folder);
  CHECK(read_file(bundle.manifest) == kManifest);
  CHECK(read_file(find("rows.csv").path) == "sku\n1\n");
  CHECK_FALSE(files_of(bundle, aside)("rows.csv").path.empty());
  CHECK_FALSE(is_bundle(dropped.folder));
}

TEST_CASE("a folder that is swapped for a link while it is copied is copied as it was") {
  Dropped dropped;
  auto const to = dropped.place.path() / "copy";
  write(dropped.place.path() / "others/secret.txt", "secret");
  disk_fault = [&](std::string const&, std::string const& path) {
    if (path != to / "texts" || fs::is_symlink(dropped.folder / "texts")) return 0;
    fs::rename(dropped.folder / "texts", dropped.place.path() / "aside");
    fs::create_directory_symlink("../others", dropped.folder / "texts");
    return 0;
  };
  copy_folder(dropped.folder, to);
  disk_fault = {};
  CHECK(fs::is_symlink(dropped.folder / "texts"));
  CHECK_FALSE(fs::exists(to / "texts/secret.txt"));
  CHECK(read_file(to / "texts/one.txt") == "a kite");
}

TEST_CASE("a folder is copied with its links as they are and without its fifos") {
  Dropped dropped;
  fs::create_symlink("texts/one.txt", dropped.folder / "link");
  ::mkfifo((dropped.folder / "fifo").c_str(), 0666);
  auto const to = dropped.place.path() / "copy";
  copy_folder(dropped.folder, to);
  CHECK(read_file(to / "texts/one.txt") == "a kite");
  CHECK(fs::read_symlink(to / "link") == "texts/one.txt");
  CHECK_FALSE(fs::exists(to / "fifo"));
}
