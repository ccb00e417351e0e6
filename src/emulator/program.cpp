#include "emulator/program.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>

#include <cstdio>
#include <random>
#include <system_error>

#include "base/fd.h"
#include "base/files.h"
#include "emulator/api.h"

namespace wanspool::emulator {
namespace {

// SIGINT and SIGTERM as something that can be waited for.
Fd stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  return Fd{::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)};
}

// Thousands of connections need as many descriptors.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::uint64_t some_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32 | device()) >> 11;  // fits a JSON number
}

}  // namespace

int run(int argc, char const* const* argv) {
  constexpr int kCannotCreate = 73;
  auto const parsed = parse_options(argc, argv);
  if (parsed.exit_code) return *parsed.exit_code;
  auto const& options = parsed.options;
  try {
    auto const stop = stop_signals();
    raise_descriptor_limit();
    BootClock const clock;
    Api api{options, clock, options.seed ? *options.seed : some_seed()};
    Server server{options.port, options.body_limit};
    auto const host = fmt::format("http://127.0.0.1:{}", server.port());
    api.set_host(host);
    if (!options.port_file.empty()) write_file_safely(options.port_file, fmt::format("{}\n", server.port()));
    fmt::print("listening on {}/api/v1\n", host);
    std::fflush(stdout);
    server.run(api, stop.get());
    if (!options.quiet) fmt::print(stderr, "{}", api.ledger_text());
    return 0;
  } catch (std::system_error const& error) {
    fmt::print(stderr, "wanspool-emulator: {}\n", error.what());
    return kCannotCreate;
  }
}

}  // namespace wanspool::emulator
