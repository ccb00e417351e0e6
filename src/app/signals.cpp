#include "app/signals.h"

#include <poll.h>
#include <sys/signalfd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace wanspool::app {

Signals::Signals(std::initializer_list<int> which) {
  sigset_t set;
  sigemptyset(&set);
  for (auto const each : which) sigaddset(&set, each);
  pthread_sigmask(SIG_BLOCK, &set, &before_);
  fd_ = Fd{::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)};
  if (!fd_) throw std::system_error{errno, std::generic_category(), "cannot listen for signals"};
}

Signals::~Signals() {
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

int Signals::take() {
  signalfd_siginfo info{};
  return ::read(fd_.get(), &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
}

int Signals::wait(int milliseconds) {
  pollfd one{fd_.get(), POLLIN, 0};
  ::poll(&one, 1, milliseconds);
  return take();
}

void leave_by(int signal) {
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, signal);
  std::fflush(nullptr);
  ::signal(signal, SIG_DFL);
  ::raise(signal);
  pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
  std::_Exit(128 + signal);
}

void ignore_write_signals() {
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace wanspool::app
