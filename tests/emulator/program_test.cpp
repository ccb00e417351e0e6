#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/fd.h"
#include "base/files.h"
#include "emulator/stage.h"

using namespace wanspool;
using namespace wanspool::emulator;

TEST_SUITE_BEGIN("emulator");

namespace {

// The real program, from its first line to its end.
class Program {
 public:
  explicit Program(std::vector<std::string> arguments) {
    int out[2];
    int err[2];
    REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
    REQUIRE(::pipe2(err, O_CLOEXEC) == 0);
    arguments.insert(arguments.begin(), WANSPOOL_EMULATOR);
    std::vector<char*> argv;
    for (auto& each : arguments) argv.push_back(each.data());
    argv.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(out[1], 1);
      ::dup2(err[1], 2);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(out[1]);
    ::close(err[1]);
    out_ = Fd{out[0]};
    err_ = Fd{err[0]};
    for (char letter = 0; ::read(out_.get(), &letter, 1) == 1 && letter != '\n';) line_ += letter;
    auto const colon = line_.rfind(':');
    if (colon != std::string::npos) port_ = std::atoi(line_.c_str() + colon + 1);
  }
  ~Program() {
    if (pid_ > 0) stop();
  }

  // Its exit code; what it said at last is in `last_words`.
  int stop() {
    ::kill(pid_, SIGTERM);
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    char piece[4096];
    for (ssize_t got = 0; (got = ::read(err_.get(), piece, sizeof piece)) > 0;)
      last_words.append(piece, static_cast<std::size_t>(got));
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string const& first_line() const { return line_; }
  int port() const { return port_; }
  std::string last_words;

 private:
  pid_t pid_ = 0;
  Fd out_;
  Fd err_;
  std::string line_;
  int port_ = 0;
};

class Client {
 public:
  explicit Client(int port) : fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  void send(std::string const& text) {
    REQUIRE(::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
  }
  // Until `end` was read, or the connection ended; then `error` is its errno.
  std::string read_until(std::string const& end) {
    std::string text;
    char letter[1];
    while (!text.ends_with(end)) {
      auto const got = ::recv(fd_.get(), letter, 1, 0);
      if (got < 0) error = errno;
      if (got <= 0) break;
      text += letter[0];
    }
    return text;
  }
  std::string rest() { return read_until(std::string(1, '\0') + "never"); }
  int error = 0;

 private:
  Fd fd_;
};

std::string post(std::string const& body = Stage::t2i(1)) {
  return "POST /api/v1/services/aigc/image-generation/generation HTTP/1.1\r\nHost: x\r\nAuthorization: "
         "Bearer k\r\n"
         "X-DashScope-Async: enable\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

nlohmann::json ledger_of(int port) {
  Client client{port};
  client.send("GET /__emulator/ledger HTTP/1.1\r\nConnection: close\r\n\r\n");
  auto const text = client.rest();
  return nlohmann::json::parse(text.substr(text.find("\r\n\r\n") + 4));
}

constexpr char kEndOfChunks[] = "\r\n0\r\n\r\n";

}  // namespace

TEST_CASE("the first line names the address, the port file the port, and the end is orderly") {
  auto const file = std::filesystem::temp_directory_path() / ("emulator-port-" + std::to_string(::getpid()));
  Program program{{"--port-file", file.string()}};
  CHECK(program.first_line() ==
        "listening on http://127.0.0.1:" + std::to_string(program.port()) + "/api/v1");
  CHECK(read_file(file) == std::to_string(program.port()) + "\n");
  std::filesystem::remove(file);
  CHECK(program.stop() == 0);
  CHECK(program.last_words.find("emulator ledger") != std::string::npos);
}

TEST_CASE("requests share a connection, also when they come all at once") {
  Program program{{"--creates-per-second", "0"}};
  Client client{program.port()};
  client.send(post() + post() + post());
  for (int i = 0; i < 3; ++i) CHECK(client.read_until(kEndOfChunks).find("\"PENDING\"") != std::string::npos);
  CHECK(ledger_of(program.port())["creates"]["accepted"] == 3);
}

TEST_CASE("thousands of requests that wait behind a late answer are served one after the other") {
  Program program{{"--queries-per-second", "0", "--fault", "query:1:delay=200ms"}};
  Client client{program.port()};
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "GET /api/v1/tasks/x HTTP/1.1\r\nAuthorization: Bearer k\r\n\r\n";
  client.send(many + "GET /last HTTP/1.1\r\n\r\n");
  CHECK(client.read_until("404 Not Found").ends_with("404 Not Found"));
}

TEST_CASE("a lost answer leaves a task and not one byte") {
  Program program{{"--fault", "create:1:lose-answer"}};
  Client client{program.port()};
  client.send(post());
  CHECK(client.rest().empty());
  CHECK(client.error == 0);
  CHECK(ledger_of(program.port())["creates"]["accepted"] == 1);
}

TEST_CASE("a reset is seen as a reset, and no task is made") {
  Program program{{"--fault", "create:1:reset"}};
  Client client{program.port()};
  client.send(post());
  CHECK(client.rest().empty());
  CHECK(client.error == ECONNRESET);
  CHECK(ledger_of(program.port())["creates"]["accepted"] == 0);
}

TEST_CASE("a connection may be closed before anything is read") {
  Program program{{"--fault", "connect:1:close-before-read"}};
  Client client{program.port()};
  CHECK(client.rest().empty());
  Client second{program.port()};
  second.send(post());
  CHECK(second.read_until(kEndOfChunks).starts_with("HTTP/1.1 200 OK"));
}

TEST_CASE("a slow answer comes whole in the end") {
  Program program{{"--fault", "create:1:slow=20000,delay=10ms"}};
  Client client{program.port()};
  client.send(post());
  CHECK(client.read_until(kEndOfChunks).find("task_id") != std::string::npos);
}

TEST_CASE("half an answer ends before its end") {
  Program program{{"--fault", "create:1:answer-half"}};
  Client client{program.port()};
  client.send(post());
  auto const text = client.rest();
  CHECK(text.starts_with("HTTP/1.1 200 OK"));
  CHECK(text.find(kEndOfChunks) == std::string::npos);
}

TEST_CASE("a body over the limit is answered with 413") {
  Program program{{"--body-limit", "1000"}};
  Client client{program.port()};
  client.send(post(std::string(5000, 'x')));
  CHECK(client.read_until("\r\n").starts_with("HTTP/1.1 413"));
}

TEST_CASE("the gun kills the process whose pid is in the file, before or after the answer") {
  for (std::string const when : {"before", "after"}) {
    auto const file =
        std::filesystem::temp_directory_path() / ("emulator-victim-" + std::to_string(::getpid()));
    Program program{{"--fault", "create:1:kill-" + when, "--victim-pid-file", file.string()}};
    auto const victim = ::fork();
    if (victim == 0)
      for (;;) ::pause();
    write_file_safely(file, std::to_string(victim) + "\n");
    Client client{program.port()};
    client.send(post());
    CHECK(client.read_until(kEndOfChunks).empty() == (when == "before"));
    int status = 0;
    REQUIRE(::waitpid(victim, &status, 0) == victim);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGKILL);
    CHECK(ledger_of(program.port())["creates"]["accepted"] == 1);
    std::filesystem::remove(file);
  }
}

TEST_CASE("hundreds of connections are served together") {
  Program program{{"--creates-per-second", "0"}};
  std::vector<Client> clients;
  clients.reserve(500);
  for (int i = 0; i < 500; ++i) clients.emplace_back(program.port());
  for (auto& each : clients) each.send(post());
  for (auto& each : clients) CHECK(each.read_until(kEndOfChunks).find("\"PENDING\"") != std::string::npos);
}

TEST_CASE("a taken port is exit code 73, a wrong flag 2") {
  Program first{{}};
  Program second{{"--port", std::to_string(first.port())}};
  CHECK(second.first_line().empty());
  CHECK(second.stop() == 73);
  Program third{{"--fault", "create:1:explode"}};
  CHECK(third.stop() == 2);
}
