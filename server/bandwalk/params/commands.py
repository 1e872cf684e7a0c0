"""The commands that bandwalk takes: a part of the table in :mod:`bandwalk.params`."""

from bandwalk.params.row import Command
from bandwalk.params.song_rows import CUES
from bandwalk.records import BANDS

COMMANDS: tuple[Command, ...] = (
    Command("/transport/play", "", "Play the file."),
    Command("/transport/pause", "", "Pause the file."),
    Command("/transport/seek", "f", "Go to this second of the file."),
    Command("/transport/next", "", "Play the next song of the list; of the music folder, if there is no list."),
    Command("/transport/previous", "", "Play the song before."),
    Command("/loop/off", "", "End the loop."),
    *(Command(f"/cue/{n}", "", "Go to the cue point; one that is not set is set where the song is.") for n in CUES),
    Command("/cue/set", "i[f]", "Set a cue point: its number, and the second (where the song is)."),
    Command("/cue/clear", "i", "Clear a cue point: its number; 0: all."),
    Command(
        "/audio/list",
        "",
        "List what can be heard: the demo, inputs, songs.",
        "/audio/name s s s f f, once each: source, kind (demo, computer, input, list or song), name, seconds, tempo "
        "(0: not known); later /audio/tempo s f, for each song whose tempo is found: source, beats per minute; "
        "and all of /audio/name again when a song has been sent to the music folder",
    ),
    *(Command(f"/walk/{band}/reset", "", "Bring the band's walk back to its start.", routable=True) for band in BANDS),
    *(
        Command(
            f"/walk/{band}/bump",
            "",
            "Move the picture once, as a full hit of this band does.",
            routable=True,
            exact="Change 1 for 1/40 s, and level 1 that falls with a time constant of 0.15 s.",
        )
        for band in BANDS
    ),
    Command(
        "/beat/tap",
        "",
        "Set the beat by tapping on each beat; the clock follows the taps from the first one on.",
        routable=True,
    ),
    Command("/beat/resync", "", "Begin a bar now.", routable=True),
    Command("/model/load", "s", "Draw with another model: builtin, or a name in the models folder."),
    Command("/model/list", "", "List the models.", "/model/name s, once each"),
    Command("/direction/list", "", "List the directions of the model.", "/direction/name s, once each"),
    Command(
        "/scene/list", "", "List the scenes.", "/scene/count i, then /scene/item i s s, once each: place, preset, model"
    ),
    Command("/scene/add", "s[s]", "Add a preset to the end of the scenes. Arguments: preset, and a model for it."),
    Command("/scene/remove", "i", "Remove the scene at this place; the first is 1."),
    Command("/scene/move", "ii", "Move the scene at one place to another."),
    Command("/scene/go", "s", "Change to a scene: its preset or its place; empty: what waits is given up."),
    Command("/scene/next", "", "Change to the next scene; after the last comes the first.", routable=True),
    Command("/scene/previous", "", "Change to the previous scene.", routable=True),
    Command("/preset/save", "s", "Save the look as a preset in the presets folder."),
    Command(
        "/preset/list",
        "",
        "List the presets: the user's own, then those that ship with bandwalk.",
        "/preset/name s s i, once each: name, its sentence, 1 if it is the user's own",
    ),
    Command("/preset/recall", "s[f]", "Recall a preset's look; numbers glide for this many seconds."),
    Command("/preset/recall_all", "s[f]", "Recall a preset with the setup that it has, as the sound's source."),
    Command("/preset/delete", "s", "Delete a preset of the user's own.", "as /preset/list"),
    Command("/preset/rename", "ss", "Rename a preset of the user's own: its name, the new name.", "as /preset/list"),
    Command("/style/save", "s", "Keep what is seen now as a style in the presets folder."),
    Command("/style/list", "", "List the saved styles.", "/style/saved s, once each"),
    Command("/style/recall", "s[f]", "Go to a saved style, on the way for this many seconds."),
    Command("/style/undo", "[f]", "Go back to what was before the last recall, on the way for this many seconds."),
    Command("/style/delete", "s", "Delete a saved style."),
    Command(
        "/record/start",
        "[s]",
        "Record pictures and sound into the folder of --recordings. Argument: a name that ends in .mkv or .mp4.",
    ),
    Command("/record/stop", "", "End the recording."),
    Command("/control", "sf", "Move the control osc/NAME, which routes may follow. Arguments: NAME, and 0 to 1."),
    Command("/midi/ports", "", "List the MIDI devices.", "/midi/port s i, once each: name, 1 if open"),
    Command("/midi/open", "s", "Open the MIDI devices with this part of a name, or all, also if plugged in later."),
    Command("/midi/close", "s", "Close what was opened by this name, or all."),
    Command("/midi/learn", "s", "Give this address the MIDI control that is moved next; empty: stop."),
    Command("/midi/forget", "s", "Take its MIDI controls from this address, or from all."),
    Command("/midi/list", "", "List what MIDI controls move.", "/midi/binding s s, once each: address, control"),
    Command("/midi/save", "s", "Save what MIDI controls move as a map in the presets folder."),
    Command("/midi/load", "s", "Load a map."),
    Command("/midi/maps", "", "List the maps.", "/midi/map s, once each"),
    Command(
        "/subscribe",
        "[ifi]",
        "Send state, features and changes to the sender for 10 s. Arguments: port (default: the sender's own), "
        "maximum messages per second, seconds between repeats of the whole state.",
    ),
    Command("/unsubscribe", "[i]", "End the subscription."),
    Command(
        "/ping",
        "i",
        "Ask whether the server is there, and what time it has.",
        "/pong i, the same number; in the same bundle /clock/s i, /clock/us i",
    ),
    Command("/stats", "", "Ask for the server's statistics.", "/stats/*"),
)
