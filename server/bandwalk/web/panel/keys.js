// Made from clients/bandwalk_client/keys.py by `make docs`.

export const KEYS = [
  {"names": ["f"], "does": "fullscreen", "doc": "Turns full screen on or off."},
  {"names": ["s"], "does": "screenshot", "doc": "Saves the picture as a PNG file."},
  {"names": ["space"], "does": "toggle", "doc": "Freezes the picture, or moves it again.", "address": "/master/freeze"},
  {"names": ["b"], "does": "toggle", "doc": "Fades to black, or back to the picture.", "address": "/master/blackout"},
  {"names": ["up"], "does": "nudge", "doc": "The sound moves the picture more.", "address": "/master/intensity", "step": 0.1},
  {"names": ["down"], "does": "nudge", "doc": "The sound moves the picture less.", "address": "/master/intensity", "step": -0.1},
  {"names": ["right"], "does": "nudge", "doc": "Pictures differ more from the average one.", "address": "/style/psi", "step": 0.05},
  {"names": ["left"], "does": "nudge", "doc": "Pictures are closer to the average one.", "address": "/style/psi", "step": -0.05},
  {"names": ["1", "2", "3", "4", "5", "6", "7", "8", "9"], "does": "slot", "doc": "Recalls what you have put on this key."},
  {"names": ["1"], "does": "push", "doc": "Bumps the low band, if nothing is on this key.", "address": "/walk/low/bump"},
  {"names": ["2"], "does": "push", "doc": "Bumps the mid band, if nothing is on this key.", "address": "/walk/mid/bump"},
  {"names": ["3"], "does": "push", "doc": "Bumps the high band, if nothing is on this key.", "address": "/walk/high/bump"},
  {"names": ["r"], "does": "reseed", "doc": "Starts from a random picture.", "address": "/style/seed"},
  {"names": ["ctrl+z"], "does": "undo", "doc": "Takes back your last change."},
  {"names": ["ctrl+shift+z", "ctrl+y"], "does": "redo", "doc": "Makes it again."},
  {"names": ["h", "?"], "does": "help", "doc": "Shows or hides this list."},
];
