#pragma once

#include <filesystem>
#include <string>
#include <vector>

// What a newer picture replaces is kept under old/ first: it was paid for.
namespace wanspool {

// The key of what no story tells of.
inline constexpr char kUnknownStory[] = "unknown";

// The first 12 characters of "fingerprint" in this result.json; "" if there is no such file, kUnknownStory if
// none can be read in it.
std::string older_key(std::filesystem::path const& result_json);
// The same of its text.
std::string key_of_story(std::string const& result_json);

// Gives `file` a second name below `old`/`key`, safe from a power cut; what is there under that name already
// stays, and a different one goes to `key`-2 and so on. Copies where the file system makes no links. Does
// nothing where `old` is empty. Throws std::system_error.
void keep_older(std::filesystem::path const& file, std::filesystem::path const& old, std::string const& key);

// The same for a picture that is in the way of another job's: as `displaced`/SHA256.png, where whoever wants
// it finds it by its sum.
void keep_displaced(std::filesystem::path const& file, std::filesystem::path const& displaced,
                    std::string const& sha256);
std::filesystem::path displaced_file(std::filesystem::path const& displaced, std::string const& sha256);

// What a result.json says of the pictures that are there; nothing if it cannot be read.
struct ToldPicture {
  std::string file, sha256;
};
std::vector<ToldPicture> pictures_told(std::filesystem::path const& result_json);

// The first of these that has this sum, or is there at all where `sha256` is ""; "" if none is.
std::filesystem::path first_with_sum(std::vector<std::filesystem::path> const& places,
                                     std::string const& sha256);

// "" if it cannot be read.
std::string sha256_of_file(std::filesystem::path const& path);

}  // namespace wanspool
