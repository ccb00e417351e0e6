#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "base/disk.h"
#include "base/files.h"
#include "engine/house.h"

// Whatever a hostile user puts into the inbox: others are served, nothing outside is read or touched, and
// each file is said to be what it is.
TEST_SUITE_BEGIN("engine");

using namespace wanspool;
using namespace wanspool::test;
namespace fs = std::filesystem;

namespace {

constexpr char kSecret[] = "root:SECRET:1:0:99999:7:::\n";

// A house and beside it a file that is none of the inbox's.
struct Scene {
  explicit Scene(unsigned seed) : world{seed}, house{world} {
    house.open();
    secret = house.root.parent_path() / (house.root.filename().string() + ".secret");
    std::ofstream{secret} << kSecret;
  }
  ~Scene() {
    std::error_code ignored;
    fs::remove(secret, ignored);
  }

  fs::path inbox(std::string const& name) const { return house.root / "inbox" / name; }
  // What lies in rejected/ says why, and a decent manifest is drawn all the same.
  std::string complaints(std::string const& name) {
    house.drop("decent.yaml", House::manifest_of(1));
    CHECK(house.run(hours{1}));
    CHECK(house.is_there("out/decent"));
    CHECK(read_file(secret) == kSecret);
    for (auto const& entry : fs::recursive_directory_iterator{house.root})
      if (entry.is_regular_file() && !entry.is_symlink() && entry.file_size() < (1u << 20))
        CHECK_MESSAGE(read_file(entry.path()).find("SECRET") == std::string::npos, entry.path().string());
    auto const file = "rejected/" + name + ".error.txt";
    return house.is_there(file) ? house.text(file) : std::string{};
  }

  World world;
  House house;
  fs::path secret;
};

bool holds(std::string const& text, std::string const& part) {
  return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("links out of the inbox are not followed, whatever they are called") {
  Scene scene{521};
  fs::create_symlink(scene.secret, scene.inbox("shadow.yaml"));
  fs::create_symlink("/dev/zero", scene.inbox("zero.yaml"));
  fs::create_symlink("/proc/self/environ", scene.inbox("environ.yaml"));
  fs::create_directory(scene.inbox("bundle"));
  fs::create_symlink(scene.secret, scene.inbox("bundle/manifest.yaml"));
  CHECK(holds(scene.complaints("shadow.yaml"), "plain file"));
  CHECK(holds(scene.house.text("rejected/zero.yaml.error.txt"), "plain file"));
  CHECK(holds(scene.house.text("rejected/environ.yaml.error.txt"), "plain file"));
  CHECK(scene.house.is_there("rejected/bundle.error.txt"));
  CHECK(scene.world.creates == 1);
}

TEST_CASE("fifos and sockets are waited for by nobody") {
  Scene scene{522};
  REQUIRE(::mkfifo(scene.inbox("pipe.yaml").c_str(), 0666) == 0);
  fs::create_directory(scene.inbox("bundle"));
  REQUIRE(::mkfifo(scene.inbox("bundle/manifest.yaml").c_str(), 0666) == 0);
  scene.complaints("pipe.yaml");
  CHECK(scene.world.creates == 1);
}

TEST_CASE("a file of a terabyte without contents is refused unread") {
  Scene scene{523};
  {
    std::ofstream{scene.inbox(".huge")} << "manifest: 1\n";
    REQUIRE(::truncate(scene.inbox(".huge").c_str(), off_t{1} << 40) == 0);
    fs::rename(scene.inbox(".huge"), scene.inbox("huge.yaml"));
  }
  CHECK(scene.complaints("huge.yaml") != "");
  CHECK(scene.world.creates == 1);
}

TEST_CASE("aliases that stand for gigabytes and lists without an end are complained of") {
  Scene scene{524};
  std::string bomb = "manifest: 1\nlet:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    bomb += "  a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) bomb += (k ? ", *a" : "*a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  scene.house.drop("bomb.yaml", bomb + "jobs: [{ id: a, prompt: x }]\n");
  scene.house.drop("deep.yaml", "manifest: 1\njobs: " + std::string(200'000, '[') + "\n");
  scene.house.drop("flow.yaml", "manifest: 1\njobs: " + std::string(200'000, '{') + "\n");
  std::string stairs = "manifest: 1\njobs:\n";
  for (int i = 0; i < 2000; ++i) stairs += std::string(static_cast<std::size_t>(i), ' ') + "- \n";
  scene.house.drop("stairs.yaml", stairs);
  CHECK(holds(scene.complaints("bomb.yaml"), "aliases"));
  for (auto const* const name : {"deep", "flow", "stairs"})
    CHECK_MESSAGE(scene.house.is_there("rejected/" + std::string{name} + ".yaml.error.txt"), name);
  CHECK(scene.world.creates == 1);
}

TEST_CASE("no name in a manifest leads out of the tree, nor out of the dropped folder") {
  Scene scene{525};
  auto const manifest = [](std::string const& job) { return "manifest: 1\njobs: [ { " + job + " } ]\n"; };
  std::pair<char const*, std::string> const drops[] = {
      {"up.yaml", manifest("id: ../../evil, prompt: x")},
      {"absolute.yaml", manifest("id: /tmp/evil, prompt: x")},
      {"hidden.yaml", manifest("id: .evil, prompt: x")},
      {"reserved.yaml", manifest("id: result.json, prompt: x")},
      {"place.yaml", manifest("id: a, prompt: x, picture: ../../evil")},
      {"rooted.yaml", manifest("id: a, prompt: x, picture: /tmp/evil")},
      {"null.yaml", manifest("id: \"a\\0b\", prompt: x, picture: \"a\\0b\"")},
      {"input.yaml",
       manifest("id: a, prompt: x, model: wan2.6-image, images: [ " + scene.secret.string() + " ]")},
      {"file.yaml", manifest("id: a, prompt: x, model: wan2.6-image, images: [ \"file://" +
                             scene.secret.string() + "\" ]")},
      {"prompt.yaml", manifest("id: a, prompt: { file: " + scene.secret.string() + " }")},
      {"rows.yaml", manifest("id: a, rows: " + scene.secret.string() + ", prompt: x")},
  };
  for (auto const& [name, text] : drops) scene.house.drop(name, text);
  scene.complaints("up.yaml");
  int taken = 0;
  for (auto const& [name, text] : drops) {
    INFO(name);
    auto const is_rejected = scene.house.is_there("rejected/" + std::string{name} + ".error.txt");
    taken += !is_rejected;
    // A strange name may be written as a harmless one; a place and a file may not.
    if (std::string_view{name} != "up.yaml" && std::string_view{name} != "absolute.yaml" &&
        std::string_view{name} != "hidden.yaml" && std::string_view{name} != "reserved.yaml")
      CHECK(is_rejected);
  }
  CHECK(scene.world.creates == 1 + taken);
  CHECK_FALSE(fs::exists("/tmp/evil"));
  CHECK_FALSE(fs::exists(scene.house.root / "evil"));
  CHECK_FALSE(fs::exists(scene.house.root.parent_path() / "evil"));
  CHECK_FALSE(scene.house.is_there("out/evil"));
}

TEST_CASE("a bundle's links are links within it, and what is swapped meanwhile is not read") {
  Scene scene{526};
  auto const folder = scene.inbox("album");
  fs::create_directories(folder);
  fs::create_symlink(scene.secret, folder / "photo.png");
  fs::create_symlink("/", folder / "root");
  std::ofstream{folder / "manifest.yaml"}
      << "manifest: 1\njobs:\n"
         "  - { id: a, prompt: x, model: wan2.6-image, images: [ photo.png ] }\n"
         "  - { id: b, prompt: x, model: wan2.6-image, images: [ root/etc/hostname ] }\n"
         "  - { id: c, prompt: x, model: wan2.6-image, images: [ ../../state/wanspool.db ] }\n";
  CHECK(scene.complaints("album") != "");
  CHECK(scene.world.creates == 1);
}

TEST_CASE("names that hold line ends, escapes and bytes of no text are taken or refused, and forge nothing") {
  Scene scene{527};
  for (auto const* const name : {"a\nforged: accepted.yaml", "\x1b[2J\x1b]0;x\x07.yaml", "\xff\xfe.yaml",
                                 "\xe2\x80\xae"
                                 "lmay.yaml",
                                 "a\\b.yaml", "-rf.yaml", " .yaml", "a'b\"c$(x).yaml"}) {
    std::ofstream{scene.inbox(name)} << House::manifest_of(1, name);
  }
  scene.complaints("none");
  for (auto const& each : scene.house.receipts) {
    INFO(each.source);
    for (auto const& complaint : each.complaints) {
      CHECK_FALSE(holds(complaint.str(), "\x1b"));
      CHECK_FALSE(holds(complaint.str(), "\nforged"));
    }
  }
  for (auto const& entry : fs::recursive_directory_iterator{scene.house.root / "out"}) {
    auto const name = entry.path().filename().string();
    INFO(name);
    for (char const letter : name) CHECK(static_cast<unsigned char>(letter) >= 0x20);
    CHECK(name.front() != '-');
  }
}

TEST_CASE("a thousand small files of one user keep nobody else's manifest waiting for long") {
  Scene scene{528};
  for (int i = 0; i < 1000; ++i) std::ofstream{scene.inbox("junk" + std::to_string(i) + ".yaml")} << "x";
  auto const before = scene.world.now();
  scene.complaints("junk0.yaml");
  CHECK(scene.world.now() - before < minutes{10});
  CHECK(scene.world.creates == 1);
}
