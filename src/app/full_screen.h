#pragma once

#include <termios.h>

#include <string>
#include <string_view>

namespace wanspool::app {

// A terminal as a page that is drawn again and again: its other screen, without a cursor, keys as they are
// pressed. All of that is as before when this object goes.
class FullScreen {
 public:
  struct Size {
    int columns = 80, rows = 24;
  };

  // `input` may be no terminal; then there are no keys.
  FullScreen(int input, int output);
  ~FullScreen();
  FullScreen(FullScreen const&) = delete;
  FullScreen& operator=(FullScreen const&) = delete;

  Size size() const;
  // Lines, each ended by "\n", from the top on; what was there before is gone. False: nobody sees it any
  // more.
  bool draw(std::string_view lines);
  // Where keys are to be waited for; -1: there are none.
  int keys() const { return has_keys_ ? input_ : -1; }
  // The keys that were pressed; "" where the terminal has gone.
  std::string take_keys();

 private:
  bool write(std::string_view text) const;

  int input_, output_;
  bool has_keys_ = false;
  termios before_{};
  std::string drawn_;
};

}  // namespace wanspool::app
