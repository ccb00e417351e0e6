#include "manifest/images.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "manifest/chains.h"
#include "manifest/fields.h"
#include "manifest/parameters.h"

namespace wanspool::yaml {
namespace {

// Contract §2.1; whether the service counts them before or after decoding is unsure, this is the safe
// reading.
constexpr std::size_t kLongestDataUri = 10'485'760;

bool is_base64(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
         c == '=';
}

// Why this is no data URI of a picture; "" if it is one.
std::string wrong_data(std::string_view uri) {
  constexpr std::string_view kWanted = "a picture as data is written data:image/png;base64,…";
  auto const comma = uri.find(',');
  if (!uri.starts_with("data:image/") || comma == std::string_view::npos ||
      !uri.substr(0, comma).ends_with(";base64"))
    return std::string{kWanted};
  auto const data = uri.substr(comma + 1);
  if (data.empty()) return fmt::format("{}, and here nothing follows the comma", kWanted);
  if (!std::all_of(data.begin(), data.end(), is_base64))
    return "this data: URI holds a character that is not base64";
  if (uri.size() > kLongestDataUri)
    return fmt::format("this data: URI has {} bytes, the service takes {}; use an http(s) address",
                       uri.size(), kLongestDataUri);
  return {};
}

std::string wrong_address(std::string_view address) {
  auto const host = address.substr(address.find("://") + 3);
  if (host.empty() || host[0] == '/' || host[0] == '?') return "this address names no host";
  for (unsigned char const c : address)
    if (c <= ' ') return "an address holds no blanks; write them as %20";
  return {};
}

// Nothing that is asked for elsewhere: a file.
bool is_local(std::string_view image) {
  return !image.starts_with("data:") && !image.starts_with("job:") && image.find("://") == image.npos;
}

// Why this is no picture that can be sent; "" if it is one.
std::string wrong_image(std::string_view image) {
  if (image.starts_with("data:")) return wrong_data(image);
  if (is_web_picture(image) || image.starts_with("oss://")) return wrong_address(image);
  return fmt::format(
      "an address that begins with '{}://' cannot be fetched; use an http(s) address, or the path of a file",
      image.substr(0, image.find("://")));
}

std::optional<Image> read_local(View value, std::string const& path, Pictures* pictures,
                                Complaints& complaints) {
  std::string why;
  if (path.find('\\') != std::string::npos)
    why = "a path is written with '/', not with '\\'";
  else if (pictures == nullptr)
    why =
        "a 'request' brings no files along; give the picture's address, or write 'prompt', 'images' and "
        "'parameters' instead";
  else if (auto picture = pictures->read(value, path, complaints))
    return Image{picture->image, picture};
  if (!why.empty()) complaints.add(value, why);
  return {};
}

std::optional<Image> read_from_job(View value, std::string const& written, Pictures* pictures,
                                   Complaints& complaints) {
  std::string why;
  auto const picture = read_job_picture(written, why);
  if (pictures == nullptr)
    why =
        "a 'request' goes as it is, without pictures of other jobs; write 'prompt', 'images' and "
        "'parameters' instead";
  if (why.empty()) return Image{picture.str()};
  complaints.add(value, why);
  return {};
}

}  // namespace

std::optional<Image> read_image(View value, Pictures* pictures, Complaints& complaints) {
  auto image = read_word(value, "a picture", complaints);
  if (!image) return {};
  if (is_local(*image)) return read_local(value, *image, pictures, complaints);
  if (image->starts_with("job:")) return read_from_job(value, *image, pictures, complaints);
  auto const why = wrong_image(*image);
  if (why.empty()) return Image{std::move(*image)};
  complaints.add(value, why);
  return {};
}

bool check_image_count(Model const& model, Mode const& mode, std::size_t count, View where,
                       Complaints& complaints) {
  auto const low = static_cast<std::size_t>(mode.images_low),
             high = static_cast<std::size_t>(mode.images_high);
  if (count >= low && count <= high) return true;
  auto const who = spoken(model, mode);
  if (high == 0) {
    complaints.add(where, fmt::format("{} draws from words alone and takes no pictures", who));
  } else if (count == 0) {
    complaints.add(where, fmt::format("{} needs a picture in 'images'; {}", who, model.without_images));
  } else {
    complaints.add(where, fmt::format("{} takes {} to {} pictures, here are {}", who, low, high, count));
  }
  return false;
}

}  // namespace wanspool::yaml
