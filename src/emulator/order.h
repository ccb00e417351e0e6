#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "emulator/tasks.h"
#include "emulator/uploads.h"
#include "emulator/wire.h"

// The checks of a create's body: contract §2.1, §2.2 and the messages of §4.
namespace wanspool::emulator {

// In the address of an input picture: the service cannot fetch it, though others can.
inline constexpr std::string_view kHidden = "/__web/hidden/";

struct Refusal {
  int status = 400;
  std::string code;
  std::string message;
};

struct Checked {
  Order order;
  std::optional<Refusal> refusal;
};

Checked check_create(Asked const& asked, Uploads const& uploads, Instant now);

// The model a body names, before anything else in it is looked at; "" if that cannot be read.
std::string named_model(std::string const& body);

// Width and height of PNG or JPEG bytes; nullopt for anything else.
std::optional<Size> picture_measure(std::string_view bytes);

// About `pixels` in total with the ratio of `like`, sides rounded to multiples of 16.
Size fitted(Size like, double pixels);

}  // namespace wanspool::emulator
