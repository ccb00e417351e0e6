#pragma once

#include <optional>
#include <string>
#include <string_view>

// How a request names its input pictures (JobRequest::images), and the body after it that waits to be sent.
namespace wanspool {

// "https://…" or "http://…".
bool is_web_picture(std::string_view image);

// "SHA256.EXT" of "file:SHA256.EXT", a file of ours; "" for anything else, for whatever else stands there is
// no name that we gave.
std::string_view file_of_picture(std::string_view image);
std::string picture_in_file(std::string_view name);

// "job:SOURCE#K": picture K, from 1, of another job of the manifest; where its row is complete SOURCE is the
// fingerprint of what that job buys.
struct PictureOfJob {
  std::string source;
  int number = 1;

  std::string str() const;
};
std::optional<PictureOfJob> picture_of_job(std::string_view image);

}  // namespace wanspool
