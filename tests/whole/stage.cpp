#include "whole/stage.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "store/store.h"

namespace wanspool::whole {
namespace {

constexpr std::chrono::seconds kPatience{60};

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
  auto const until = std::chrono::steady_clock::now() + kPatience;
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

int closed_port() {
  Fd const fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  auto address = loopback(0);
  socklen_t size = sizeof address;
  REQUIRE(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  return ntohs(address.sin_port);
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

House::House(std::string const& endpoint, std::string const& config, std::filesystem::path const& root)
    : spool{Spool::at(root.empty() ? place_ / "spool" : root)} {
  environment["DASHSCOPE_HTTP_BASE_URL"] = endpoint;
  spool.make();
  std::ofstream{spool.root / "config.yaml"} << config;
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
