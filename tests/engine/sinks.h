#pragma once

#include <doctest/doctest.h>
#include <zlib.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "base/files.h"
#include "base/folder.h"
#include "engine/output.h"
#include "engine/steps.h"

// One job's folder on a real disk, with pictures that come, are cut and replace each other.
namespace wanspool::sinks {

namespace fs = std::filesystem;

inline std::string big_endian(std::uint32_t value) {
  std::string four;
  for (int shift = 24; shift >= 0; shift -= 8) four += static_cast<char>(value >> shift & 0xff);
  return four;
}

inline std::string chunk(std::string const& type, std::string const& data) {
  auto const summed = type + data;
  auto const crc = crc32(0, reinterpret_cast<Bytef const*>(summed.data()), static_cast<uInt>(summed.size()));
  return big_endian(static_cast<std::uint32_t>(data.size())) + summed +
         big_endian(static_cast<std::uint32_t>(crc));
}

// What a PNG is as far as anybody here looks, different for each text.
inline std::string png(std::string const& text) {
  return "\x89PNG\r\n\x1a\n" +
         chunk("IHDR", big_endian(4) + big_endian(3) + std::string{"\x08\x02\0\0\0", 5}) +
         chunk("IDAT", text) + chunk("IEND", "");
}

// Answers one call of the disk with an error while it lives.
struct Fault {
  Fault(std::string call, std::string part, int error) {
    test::disk_fault = [=](std::string const& asked, std::string const& path) {
      return asked == call && path.find(part) != std::string::npos ? error : 0;
    };
  }
  ~Fault() { test::disk_fault = {}; }
  Fault(Fault const&) = delete;
  Fault& operator=(Fault const&) = delete;
};

// A job's folder below out/, and where its older pictures go.
struct Place {
  Folder root;
  fs::path job = root / "out" / "m" / "a";
  fs::path old = root / "old" / "m" / "a";
  std::string const bytes = png("a picture of a cat");

  PictureSink sink(std::string const& url = "https://h/a.png?Signature=1", int number = 1) const {
    Picture wanted;
    wanted.number = number;
    wanted.url = url;
    wanted.file = "image-" + std::to_string(number) + ".png";
    return {job, old, wanted};
  }
  // A whole download.
  news::PictureSafe fetch(std::string const& picture, int number = 1) const {
    auto it = sink("https://h/" + picture.substr(picture.size() / 2) + ".png", number);
    // A simulated crash must reach the test, so nothing that may throw is checked in place.
    bool const came = it.begin(200, {}) && it.take(picture) && it.whole();
    REQUIRE(came);
    return std::get<news::PictureSafe>(it.finish());
  }
  // One that the network ended after so many bytes.
  void interrupt(std::size_t size, std::string const& url = "https://h/a.png?Signature=1") const {
    auto it = sink(url);
    REQUIRE(it.begin(200, {}));
    REQUIRE(it.take(bytes.substr(0, size)));
    it.let_go(broken());
  }
  static Reply broken(bool local = false) {
    Reply reply;
    reply.status = 200;
    reply.left = true;
    reply.failure = "the connection was reset";
    reply.local = local;
    return reply;
  }
  static Reply answered(int status) {
    Reply reply;
    reply.status = status;
    reply.left = true;
    return reply;
  }
  // Names below `folder`, in order.
  static std::string names(fs::path const& folder) {
    std::set<std::string> found;
    if (fs::exists(folder))
      for (auto const& each : fs::recursive_directory_iterator{folder})
        if (each.is_regular_file()) found.insert(fs::relative(each.path(), folder).string());
    std::string all;
    for (auto const& each : found) all += (all.empty() ? "" : " ") + each;
    return all;
  }
  bool has_part() const { return names(job).find(".part") != std::string::npos; }
  static std::string story(std::string const& fingerprint) {
    return R"({"schema":1,"fingerprint":")" + fingerprint + R"("})";
  }
  void put(std::string const& name, std::string const& text) const {
    fs::create_directories(job);
    std::ofstream{job / name, std::ios::binary} << text;
  }
  std::string text(fs::path const& path) const { return read_file(root.path() / path); }
  void tell(std::string const& fingerprint, std::set<std::string> const& files,
            std::string const& document = "") const {
    store_story(job, old, document, story(fingerprint), files);
  }
};

}  // namespace wanspool::sinks
