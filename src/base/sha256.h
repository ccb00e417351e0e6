#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace wanspool {

// SHA-256 (FIPS 180-4) of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  void add(std::string_view bytes);
  std::string hex();  // 64 lower-case digits; ends the sum

 private:
  struct Context;
  struct Free {
    void operator()(Context* context) const noexcept;
  };
  std::unique_ptr<Context, Free> context_;
};

std::string sha256_hex(std::string_view bytes);

}  // namespace wanspool
