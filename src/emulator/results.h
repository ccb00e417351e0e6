#pragma once

#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "emulator/tasks.h"
#include "emulator/wire.h"

// The result server: signed addresses and the pictures behind them (contract §6).
namespace wanspool::emulator {

inline constexpr char kAccessKeyId[] = "LTAI5tEMULATED0000000000";

std::string base64(std::string_view bytes);
std::string unbase64(std::string_view text);
// base64 of HMAC-SHA1, as OSS V1 signs.
std::string signature(std::string_view secret, std::string_view text);
Answer xml_refusal(int status, std::string_view code, std::string_view message, std::string_view more = {});

class Results {
 public:
  Results(Options const& options, std::string secret) : options_{options}, secret_{std::move(secret)} {}

  // Fills task.addresses: path and signed query of each picture, with an Expires in real seconds.
  void sign(Task& task, Instant expires) const;
  // Serves "/results/…"; `fault` may spoil the picture. Counts what was fetched in the task.
  Answer serve(Asked const& asked, World& world, Fault const& fault, Instant now);

 private:
  std::string sum(std::string_view path, std::string_view expires) const;
  std::optional<Answer> refuse(Asked const& asked, bool expired, Instant now) const;
  std::string const& picture(Task const& task, int number);
  std::string draw(Task const& task, int number) const;

  Options const& options_;
  std::string secret_;
  // The pictures drawn last, newest first, up to a bound in bytes.
  std::list<std::pair<std::string, std::string>> recent_;
  std::size_t recent_bytes_ = 0;
  std::unordered_map<std::string, std::string> plain_;  // by size, for --picture-bytes
};

}  // namespace wanspool::emulator
