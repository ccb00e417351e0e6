#include "app/hooking.h"

#include <fmt/format.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <sstream>
#include <system_error>

#include "app/hook_document.h"
#include "base/harmless.h"
#include "base/log.h"

namespace wanspool::app {
namespace {

constexpr std::size_t kLinesMost = 20, kLineMost = 300;

// Small, and without what the daemon itself was given: no key, no credentials, no socket of a manager.
std::vector<std::string> environment_of(HookRow const& row, Spool const& spool) {
  std::vector<std::string> environment{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                       "WANSPOOL_ROOT=" + spool.root.string(),
                                       fmt::format("WANSPOOL_EVENT={}", name_of(row.event)),
                                       "WANSPOOL_HOOK_ID=" + row.id};
  for (auto const* const name : {"HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR"})
    if (auto const* const value = ::getenv(name)) environment.push_back(fmt::format("{}={}", name, value));
  return environment;
}

std::vector<std::string> lines_of(std::string const& output) {
  std::vector<std::string> lines;
  std::istringstream text{output};
  for (std::string line; lines.size() < kLinesMost && std::getline(text, line);)
    if (auto said = harmless(line.substr(0, kLineMost)); !said.empty()) lines.push_back(std::move(said));
  return lines;
}

std::string words_of(ChildEnd const& end, std::vector<std::string> const& command, milliseconds limit) {
  auto const program = harmless(command.front());
  if (!end.trouble.empty()) return fmt::format("{} cannot be run: {}", program, end.trouble);
  if (end.timed_out) return fmt::format("{} was ended after its time limit of {}", program, human(limit));
  if (end.signal != 0) return fmt::format("{} was ended by signal {}", program, end.signal);
  return fmt::format("{} has ended with {}", program, end.code);
}

}  // namespace

Hooking::Hooking(Context const& context, Store& store, Clock const& clock)
    : spool_{context.spool},
      currency_{context.currency()},
      store_{store},
      clock_{clock},
      hooks_{store, [this](HookRow const& row) { return start(row); }},
      stop_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
  ::signal(SIGCHLD,
           SIG_DFL);  // who ignores it, as some do before they start us, is not told how a child ends
  if (!stop_) throw std::system_error{errno, std::generic_category(), "cannot make an eventfd"};
  change(context.config.hooks);
}

// What cannot be written any more is run again.
Hooking::~Hooking() {
  try {
    stop();
  } catch (std::exception const& error) {
    log::error("the end of a hook is not written: {}", error.what());
  }
}

void Hooking::change(HookCommands const& commands) {
  // Threads are asked for now, so that a system that has none left is known before something happens.
  if (!workers_ && !commands.commands.empty()) workers_ = std::make_unique<Workers>(Hooks::kAtOnce);
  commands_ = commands;
  hooks_.watch(commands_, clock_.now());
  warn_of_missing();
}

// A wrong path is better known before something has happened.
void Hooking::warn_of_missing() const {
  for (auto const& [event, command] : commands_.commands)
    if (::access(command.front().c_str(), X_OK) != 0)
      log::warning({.event = "hook-missing"}, "hook {}: {} cannot be run: {}", name_of(event),
                   harmless(command.front()), std::generic_category().message(errno));
}

void Hooking::step() {
  if (workers_) workers_->collect();
  hooks_.step(clock_.now());
}

void Hooking::break_off() {
  hooks_.stop();
  std::uint64_t const one = 1;
  [[maybe_unused]] auto const told = ::write(stop_.get(), &one, sizeof one);
}

void Hooking::stop() {
  break_off();
  if (!workers_) return;
  workers_->stop();
  step();
}

bool Hooking::start(HookRow const& row) {
  auto const command = commands_.commands.find(row.event);
  auto document =
      command == commands_.commands.end() ? std::string{} : hook_document(row, store_, spool_, currency_);
  if (document.empty()) return false;
  ChildCall call{.arguments = command->second,
                 .environment = environment_of(row, spool_),
                 .folder = spool_.root,
                 .input = std::move(document),
                 .limit = commands_.time_limit,
                 .stop = stop_.get()};
  log::debug("hook {} begins: {}", name_of(row), call.arguments.front());
  workers_->submit([this, row, call = std::move(call)]() -> Workers::After {
    auto const end = run_child(call);
    return [this, row, end, command = call.arguments, limit = call.limit] {
      auto const lines = lines_of(end.output);
      for (auto const& line : lines) log::info({.event = "hook-said"}, "hook {}: {}", name_of(row), line);
      using Kind = Hooks::End::Kind;
      if (end.is_well()) return hooks_.ended(row, {Kind::Well, {}}, clock_.now());
      if (end.stopped) return hooks_.ended(row, {Kind::CutOff, {}}, clock_.now());
      hooks_.ended(row, {Kind::Badly, words_of(end, command, limit)}, clock_.now());
    };
  });
  return true;
}

}  // namespace wanspool::app
