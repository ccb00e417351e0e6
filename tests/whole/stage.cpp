#include "whole/stage.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "base/files.h"
#include "store/store.h"

namespace wanspool::whole {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

Fd connected(int port) {
  Fd fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  auto const address = loopback(port);
  REQUIRE(::connect(fd.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0);
  return fd;
}

std::string read_all(Fd const& fd) {
  std::string text;
  for (char piece[16384];;) {
    pollfd one{fd.get(), POLLIN, 0};
    REQUIRE(::poll(&one, 1, 60'000) == 1);
    auto const got = ::read(fd.get(), piece, sizeof piece);
    REQUIRE(got >= 0);
    if (got == 0) return text;
    text.append(piece, static_cast<std::size_t>(got));
  }
}

std::vector<std::string> emulator_arguments(std::vector<std::string> options) {
  std::vector<std::pair<std::string, std::string>> const usual{{"--service-time", "2s"},
                                                               {"--speed", "20"},
                                                               {"--seed", "5"},
                                                               {"--picture-size", "64x64"},
                                                               {"--picture-bytes", "2048"},
                                                               {"--creates-per-second", "0"},
                                                               {"--queries-per-second", "0"},
                                                               {"--slots", "0"}};
  for (auto const& [name, value] : usual) {
    if (std::find(options.begin(), options.end(), name) != options.end()) continue;
    options.insert(options.end(), {name, value});
  }
  options.insert(options.begin(), WANSPOOL_EMULATOR);
  return options;
}

}  // namespace

void await(std::string const& what, std::function<bool()> const& comes_true) {
  auto const until = std::chrono::steady_clock::now() + test::kPatience;
  while (!comes_true()) {
    INFO("waited for: ", what);
    REQUIRE(std::chrono::steady_clock::now() < until);
    ::poll(nullptr, 0, 10);
  }
}

void await(Process& doer, std::string const& what, std::function<bool()> const& comes_true) {
  await(what, [&] {
    bool const running = doer.is_running();
    if (comes_true()) return true;
    INFO("standard error: ", doer.err());
    REQUIRE(running);
    return false;
  });
}

// In POSIX's words, which need no table of zones: what is added there comes to UTC.
std::string zone_at_noon() {
  auto const now = std::chrono::system_clock::now().time_since_epoch();
  auto const hour = std::chrono::floor<std::chrono::hours>(now).count() % 24;
  return "NOON" + std::to_string(hour - 12);
}

Emulator::Emulator(std::vector<std::string> options)
    : process_{{emulator_arguments(std::move(options)), {}, {}, {}}} {
  await("the emulator's first line", [&] {
    INFO("the emulator says: ", process_.err());
    REQUIRE(process_.is_running());
    return process_.out().find('\n') != std::string::npos;
  });
  auto const line = process_.out();
  port_ = std::stoi(line.substr(line.rfind(':') + 1));
}

std::string Emulator::endpoint() const {
  return "http://127.0.0.1:" + std::to_string(port_) + "/api/v1";
}

std::string Emulator::get(std::string const& target, std::string const& headers) const {
  auto const fd = connected(port_);
  auto const request =
      "GET " + target + " HTTP/1.0\r\nHost: 127.0.0.1:" + std::to_string(port_) + "\r\n" + headers + "\r\n";
  REQUIRE(::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(request.size()));
  auto const answer = read_all(fd);
  auto const end = answer.find("\r\n\r\n");
  REQUIRE(answer.starts_with("HTTP/1.1 200"));
  REQUIRE(end != std::string::npos);
  return answer.substr(end + 4);
}

nlohmann::json Emulator::ledger() const {
  return nlohmann::json::parse(get("/__emulator/ledger"));
}

std::int64_t Emulator::created() const {
  return nlohmann::json::parse(get("/__emulator/ledger?tasks=no"))["creates"]["accepted"];
}

std::int64_t Emulator::requests() const {
  auto const books = nlohmann::json::parse(get("/__emulator/ledger?tasks=no"));
  std::int64_t sum = books["creates"]["received"];
  for (auto const* const kind : {"queries", "lists", "downloads"}) sum += books[kind].get<std::int64_t>();
  return sum;
}

House::House(std::string const& endpoint, std::string const& config, std::filesystem::path const& root,
             std::filesystem::path const& out)
    : spool{Spool::at(root.empty() ? place_ / "spool" : root, "inbox", out.empty() ? "out" : out)} {
  environment["DASHSCOPE_HTTP_BASE_URL"] = endpoint;
  spool.make();
  std::ofstream file{spool.root / "config.yaml"};
  file << config;
  if (config.find("ask_above") == std::string::npos) file << "ask_above: 1000000 CNY\n";
  if (!out.empty()) file << "paths: { out: " << out.string() << " }\n";
}

Process::Setup House::setup(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), WANSPOOL_PROGRAM);
  auto variables = environment;
  variables.insert({{"WANSPOOL_ROOT", spool.root.string()}, {"NO_PROXY", "*"}, {"no_proxy", "*"}});
  for (auto const* const each :
       {"DASHSCOPE_API_KEY", "CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
    variables.insert({each, ""});
  return {std::move(arguments), std::move(variables), place_.path().string(), {}};
}

Process House::daemon() const {
  auto process = start({"daemon"});
  process.await_err("drop manifests into");
  return process;
}

Process House::victim() const {
  auto its = setup({"daemon"});
  std::vector<std::string> const shell{"/bin/sh", "-c", "echo $$ > \"$0\" && exec \"$@\"",
                                       victim_file().string()};
  its.arguments.insert(its.arguments.begin(), shell.begin(), shell.end());
  return Process{its};
}

bool House::is_kept_by(Process const& daemon) const {
  auto const lock = spool.state / "wanspool.lock";
  std::error_code ignored;
  return std::filesystem::exists(lock, ignored) && read_file(lock) == std::to_string(daemon.pid()) + "\n";
}

void House::hand_in(std::string const& name, std::string const& text) const {
  auto const beside = spool.root / name;  // on the inbox's file system
  std::ofstream{beside} << text;
  std::filesystem::rename(beside, spool.inbox / name);
}

std::string House::write(std::string const& name, std::string const& text) const {
  return place_.write(name, text).string();
}

Tally House::tally() const {
  try {
    return open_reader(spool.database)->tally();
  } catch (StoreBroken const&) {
    return {};  // not made yet, or just being made
  }
}

std::int64_t House::at_provider() const {
  auto const all = tally();
  return all[State::Submitted] + all[State::Running];
}

bool House::is_settled(std::int64_t jobs) const {
  auto const all = tally();
  std::int64_t settled = 0;
  for (auto const state : {State::Done, State::Failed, State::Canceled, State::Held}) settled += all[state];
  return all.total() == jobs && settled == jobs;
}

nlohmann::json House::json(std::vector<std::string> arguments) const {
  auto const said = run(std::move(arguments));
  INFO("standard error: ", said.err);
  REQUIRE(said.code == 0);
  return nlohmann::json::parse(said.out);
}

void Later::look() {
  constexpr std::chrono::seconds kStill{6};  // longer than a lone candidate waits for evidence
  auto const tally = house_.tally();
  auto const now = std::chrono::steady_clock::now();
  auto const left = tally.total() - tally[State::Done] - tally[State::Held];
  if (tally.total() == 0 || left != tally[State::Submitting]) return;
  if (tally[State::Done] != done_) moved_ = now;
  done_ = tally[State::Done];
  if (handed_ > 0 && (left == 0 || now < moved_ + kStill)) return;
  auto const number = std::to_string(++handed_);
  moved_ = now;
  house_.hand_in(
      "later-" + number + ".yaml",
      "manifest: 1\njobs: [{ id: lamp, model: wan2.6-t2i, prompt: the later lamp " + number + " }]\n");
}

std::string manifest_of(int jobs, int pictures) {
  std::ostringstream text;
  text << "manifest: 1\njobs:\n";
  for (int i = 1; i <= jobs; ++i)
    text << "  - { id: j" << i << ", model: wan2.6-t2i, prompt: a lamp on table " << i
         << ", parameters: { n: " << pictures << " } }\n";
  return text.str();
}

std::vector<std::string> lines_of(std::string const& text) {
  std::vector<std::string> lines;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace wanspool::whole
