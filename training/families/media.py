"""Tools for images, sound, video and documents, and for texts that have to be copied exactly."""

from random import Random

from training import values as v
from training.families.laboratory import named
from training.family import Family, Parameter, Result
from training.several import failed, several


def markdown(random: Random) -> str:
    """Draw a short text with Markdown's signs."""
    forms = (
        lambda r: f"# {v.title(r)}\n\n- {v.phrase(r)}\n- {v.phrase(r)}",
        lambda r: f"**{v.word(r)}** and *{v.word(r)}*",
        lambda r: f"## {v.title(r)}\n\n{v.sentence(r)}",
        lambda r: f"> {v.sentence(r)}",
        lambda r: f"1. {v.noun(r)}\n2. {v.noun(r)}\n3. {v.noun(r)}",
        lambda r: f"`{v.word(r)}` is **{v.adjective(r)}**",
    )
    return random.choice(forms)(random)


FOREIGN = (
    "Straße und Größe",
    "où est la gare ?",
    "mañana por la mañana",
    "Привет, мир",
    "こんにちは",
    "ありがとう",
    "今日は寒い",
    "żółw i łabędź",
    "café crème",
    "καλημέρα",
    "Доброе утро",
    "guten Abend, schöne Grüße",
    "às oito da manhã",
    "bonne année à tous",
    "你好，世界",
    "smörgåsbord",
    "çok güzel",
    "Как дела?",
)


def foreign(random: Random) -> str:
    """Draw a text in another language or script."""
    return " ".join(random.sample(FOREIGN, random.choice((1, 1, 1, 2))))


IMAGE = Parameter(
    "image|file|path|filename|picture",
    lambda r: v.word(r) + r.choice((".png", ".jpg", ".webp")),
    "The image|Name of the image file|",
)


MEDIA = [
    Family(
        "resize_image",
        "resize_image|scale_image|image_resize|set_image_size",
        "Resize an image|Changes width and height of an image in pixels|",
        [
            IMAGE,
            Parameter("width|w|new_width|px_wide", v.integer(16, 4000), "Width in pixels|", "integer"),
            Parameter("height|h|new_height|px_high", v.integer(16, 4000), "Height in pixels|", "integer"),
            Parameter(
                "keep_ratio|preserve_aspect|lock_ratio",
                v.flag("keeping its proportions", "without keeping its proportions"),
                "Keep the proportions|",
                "boolean",
                phrases=", {}| {}",
            ),
        ],
        several("""
            Resize {image} to {width} by {height}. | {image} -> {width}x{height} | Make {image} {width} pixels wide
            and {height} high. | I need {image} with a height of {height} and a width of {width} | The website wants
            {width} x {height} pixels, and I have {image} | Scale {image}: width {width}, height {height} | Height
            {height}, width {width}, image {image}: resize please | Can you bring {image} to a size of {width} times
            {height}? | Please shrink or stretch {image} so that it's {width} by {height} | {image} is much too
            large; {width} by {height} would be right"""),
        "{image} resized to {width} by {height}|an image of {width} by {height} pixels",
        [
            Result(
                {"output|file": named("png", "jpg", "webp"), "size_kb|kilobytes": v.integer(5, 4000)},
                several(
                    "The new image is {output}, {size_kb} kB large. | Done: {output} ({size_kb} kB). | "
                    "{image} is resized; the result, {output}, has {size_kb} kB."
                ),
                4,
            ),
            failed(
                v.choice("file not found", "not an image", "image is damaged"),
                "{image} couldn't be resized: {error}. | No luck with {image}: {error}.",
            ),
        ],
    ),
    Family(
        "rotate_image",
        "rotate_image|turn_image|image_rotate|flip_picture",
        "Rotate an image|Turns an image clockwise by some degrees|",
        [
            IMAGE,
            Parameter(
                "degrees|angle|rotation|deg", v.choice(90, 180, 270, 45, 30, 15), "Degrees, clockwise|", "integer"
            ),
        ],
        several("""
            Rotate {image} by {degrees} degrees. | {image}, {degrees}° | Turn {image} {degrees} degrees clockwise |
            My photo {image} lies on its side; turn it by {degrees} degrees | By {degrees} degrees, please rotate
            {image} | The scan {image} is crooked. {degrees} degrees should do. | Give {image} a turn of {degrees}
            degrees | rotate "{image}" {degrees} | Can you turn the picture {image} through {degrees} degrees? |
            {image} is the wrong way up. Turn it by {degrees} degrees."""),
        "{image} turned by {degrees} degrees|to rotate {image}",
        [
            Result(
                {"output|file": named("png", "jpg")},
                several("The rotated picture is {output} | I turned it; see {output} | Done, saved as {output}"),
                4,
            ),
            failed(
                v.choice("file not found", "file is read-only"),
                "{image} wasn't turned: {error}. | I couldn't rotate {image}: {error}.",
            ),
        ],
    ),
    Family(
        "convert_audio",
        "convert_audio|audio_convert|transcode|change_audio_format",
        "Convert an audio file|Writes a recording in another format|Bit rate in kbit/s.",
        [
            Parameter(
                "file|input|source|audio|track_file",
                lambda r: v.word(r) + r.choice((".wav", ".aiff", ".m4a")),
                "Audio file|",
            ),
            Parameter(
                "format|to|target|output_format",
                v.choice("mp3", "ogg", "flac", "opus"),
                "New format|",
                choices=("mp3", "ogg", "flac", "opus"),
            ),
            Parameter(
                "bitrate|kbps|quality|rate",
                v.choice(64, 96, 128, 192, 256, 320),
                "kbit/s|",
                "integer",
                phrases=" at {} kbit/s|, {} kbps",
            ),
        ],
        several(
            """
                Convert {file} to {format}. | {file} as {format} | Make {format} of {file} | My player only knows
                {format}, and I have {file} | I'd like {file} in the format {format} | Into {format}, please: {file}
                | Turn the recording {file} into {format} | transcode {file} -> {format} | Save "{file}" as {format}
                | The car radio can't play {file}. Make it {format}."""
        ),
        "{file} as {format}|a recording converted to {format}",
        [
            Result(
                lambda r, a: {"output": f"{v.word(r)}.{a['format']}", "seconds": r.randint(10, 900)},
                several(
                    "It's saved as {output}; the recording lasts {seconds} seconds. | Converted: "
                    "{output}, {seconds} seconds long. | {output} is ready ({seconds} seconds)."
                ),
                3,
            ),
            failed(
                v.choice("unknown codec", "file not found", "disk full"),
                "{file} couldn't be converted: {error}. | The conversion failed: {error}.",
            ),
        ],
    ),
    Family(
        "trim_video",
        "trim_video|cut_video|clip_video|extract_clip",
        "Cut a piece out of a video|Keeps what lies between two times|Times in seconds from the start.",
        [
            Parameter(
                "video|file|clip|input|source", lambda r: v.word(r) + r.choice((".mp4", ".mov", ".webm")), "The video|"
            ),
            Parameter("start|from|begin|start_s", v.integer(0, 60), "Start in seconds|", "integer"),
            Parameter("end|to|stop|end_s", v.integer(61, 600), "End in seconds|", "integer"),
            Parameter(
                "mute|no_sound|silent",
                v.flag("without sound", "with its sound"),
                "Take the sound away|",
                "boolean",
                phrases=", {}| {}",
            ),
        ],
        several("""
            Cut {video} from second {start} to {end}. | {video} {start}-{end} s | I only want the part of {video}
            between {start} and {end} seconds | Trim {video}: start {start}, end {end} | Keep what happens from
            {start} to {end} seconds in {video} | From {video}, take the seconds {start} to {end} | The funny bit of
            {video} goes from {start} s to {end} s; cut it out | Clip starting at {start} and ending at {end}, video
            {video} | Please shorten {video} so that it begins at {start} and ends at {end} seconds | Only from
            {start} to {end} seconds is {video} worth watching. Cut the rest."""),
        "the part of {video} from {start} to {end} seconds|to cut {video}",
        [
            Result(
                lambda r, a: {"output": f"{v.word(r)}.mp4", "seconds": a["end"] - a["start"]},
                several(
                    "The clip is {output}, {seconds} seconds long. | Done: {output}, with {seconds} "
                    "seconds. | I've cut it; {output} lasts {seconds} seconds."
                ),
                4,
            ),
            failed(
                v.choice("video is shorter", "file not found", "format not supported"),
                "{video} wasn't cut: {error}. | I couldn't trim it: {error}.",
            ),
        ],
    ),
    Family(
        "caption_image",
        "describe_image|caption_image|image_caption|what_is_in_picture",
        "Describe an image|Says what can be seen in a picture|",
        [IMAGE],
        several(
            """
                What's in the picture {image}? | Describe {image} | I can't see well. What does {image} show? |
                caption for {image} | Tell me what one can see on {image} | Write a caption for the photo {image}. |
                {image} - what is it? | Is there anybody in {image}? Describe it, please. | I need an alternative
                text for {image} | My screen reader says nothing about {image}. What's on it?"""
        ),
        "to know what {image} shows|a caption for {image}",
        [
            Result(
                {"caption|description": v.thing, "confidence|score": v.integer(40, 99)},
                several(
                    "It shows this: {caption}. I'm {confidence}% sure. | On {image} one sees: {caption} "
                    "({confidence}% sure). | {caption}, with {confidence} percent confidence."
                ),
            ),
            failed(
                v.choice("file not found", "image too dark"),
                "I can't say what's in {image}: {error}. | No description: {error}.",
            ),
        ],
    ),
    Family(
        "render_markdown",
        "render_markdown|markdown_to_html|md_to_html|convert_markdown|preview",
        "Convert Markdown to HTML|Renders a Markdown text—use for previews|",
        [Parameter("markdown|text|source|content|md", markdown, "Markdown text|", "string")],
        several("""
            Convert this Markdown to HTML: {markdown} | Render this: {markdown} | What does this look like as HTML?
            {markdown} | Markdown to HTML please: {markdown} | Please show a preview of {markdown} | My notes are in
            Markdown. Make HTML of them: {markdown} | Turn the following Markdown into a page: {markdown} | render
            {markdown} | Here's some Markdown, convert it: {markdown} | How will this look on the web? {markdown}"""),
        "Markdown converted to HTML|a preview of some Markdown",
        [
            Result(
                {"bytes|size": v.integer(20, 900), "url|preview_url": v.url},
                several(
                    "The page is at {url}; it has {bytes} bytes. | Rendered, {bytes} bytes: {url} | See "
                    "{url} ({bytes} bytes)."
                ),
            ),
            failed(v.choice("renderer offline", "text too long")),
        ],
    ),
    Family(
        "identify_foreign",
        "identify_language|detect_script|language_id|which_language_is_it",
        "Tell the language of a foreign text|Detects language and script|Works for all scripts.",
        [Parameter("text|input|content|sample|string", foreign, "The text|")],
        several(
            """
                What language is "{text}"? | Somebody wrote me: {text} - which language is that? | Detect the
                language of '{text}' | {text} - where is this from? | I can't read this sign: {text} | Which script
                is "{text}" in? | Find out what language this is: {text} | Is "{text}" written in Greek? Check it. |
                language of: {text} | A postcard says "{text}". Which language is it?"""
        ),
        'to know the language of a text|which language "{text}" is',
        [
            Result(
                {"language": v.language, "script": v.choice("Latin", "Cyrillic", "Greek", "Kana", "Han")},
                several(
                    "It's {language}, in {script} letters. | That's {language}; the script is {script}. | "
                    "{language} (script: {script})."
                ),
            )
        ],
        "language",
    ),
    Family(
        "convert_document",
        "convert_document|convert_file|file_convert|export_as",
        "Convert a document|Writes a document in another format|",
        [
            Parameter("file|document|path|input", named("docx", "txt", "md", "pdf", "tex"), "The document|"),
            Parameter(
                "format|to|target|output_format",
                v.choice("html", "epub", "odt", "rtf", "xml"),
                "New format|",
                choices=("html", "epub", "odt", "rtf", "xml"),
            ),
        ],
        several(
            """
                Convert {file} to {format}. | {file} in {format}, please | I need {file} as {format} | Export
                {file}; the format should be {format} | Can you make {format} out of {file}? | To {format}: {file} |
                My boss can only open {format}. Here's {file}. | Save the document {file} as {format} | Turn
                "{file}" into {format} | They won't take {file}. It has to be {format}."""
        ),
        "{file} as {format}|to convert {file}",
        [
            Result(
                lambda r, a: {"output": f"{v.word(r)}.{a['format']}", "pages": r.randint(1, 90)},
                several(
                    "Converted: {output}, {pages} pages. | The new file is {output} and has {pages} "
                    "pages. | {output} is ready, with {pages} pages."
                ),
                3,
            ),
            failed(
                v.choice("file is protected", "format not supported", "file not found"),
                "{file} couldn't be converted: {error}. | That failed: {error}.",
            ),
        ],
    ),
    Family(
        "make_qr_code",
        "make_qr|generate_qr_code|qr_code|create_qr",
        "Make a QR code|QR code of a text or link, with size and colour|",
        [
            Parameter("content|data|text|link|url", v.url, "What the code holds|"),
            Parameter("size|pixels|width|px", v.integer(100, 900), "Side in pixels|", "integer"),
            Parameter("color|colour|foreground", v.colour, "Colour|", phrases=" in {}|, colour {}"),
        ],
        several("""
            Make a QR code for {content}, {size} pixels. | QR {content} {size} | I want to print {content} as a QR
            code, {size} pixels wide | Put {content} into a QR code of {size} pixels | {size} pixels, QR code, link
            {content} | Our poster needs a code for {content}; make it {size} pixels large | Generate a QR code
            (size {size}) that leads to {content} | With {size} pixels on each side, encode {content} as QR | Please
            create a code people can scan to open {content}, size {size} | People should find {content} with their
            phones. A QR code of {size} pixels, please."""),
        "a QR code for {content}|{content} as a code of {size} pixels",
        [
            Result(
                {"file|image": named("png", "svg")},
                several("The code is in {file} | Here it is: {file} | I've saved the QR code as {file}"),
            ),
            failed(
                v.choice("content too long", "size too small"),
                "No code was made: {error}. | I couldn't make it: {error}.",
            ),
        ],
    ),
    Family(
        "transcribe_audio",
        "transcribe|transcribe_audio|speech_to_text|write_down_recording",
        "Write down a recording|Speech to text, in a language|",
        [
            Parameter(
                "recording|audio|file|input|clip",
                lambda r: v.word(r) + r.choice((".mp3", ".wav", ".ogg")),
                "The recording|",
            ),
            Parameter("language|lang|spoken_language|locale", v.language, "Language spoken|"),
        ],
        several("""
            Transcribe {recording}; it's in {language}. | {recording} to text, {language} | Write down what is said
            in {recording} ({language}). | In {language} somebody talks on {recording}. What do they say? | I have
            an interview in {language}, {recording}. Type it up, please. | Speech to text: {recording}, language
            {language} | The {language} recording {recording} has to be written down | Make a transcript of
            {recording}, spoken in {language} | Turn {recording} into text. They speak {language}. | I'd rather read
            than listen: {recording}, all in {language}"""),
        "the recording {recording} written down|a transcript of {recording}",
        [
            Result(
                {"text|transcript": v.sentence, "minutes|duration": v.integer(1, 90)},
                several(
                    'The recording ({minutes} minutes) says: "{text}" | In {minutes} minutes they say: "{text}" '
                    '| "{text}" That\'s all of its {minutes} minutes.'
                ),
                3,
            ),
            failed(
                v.choice("no speech found", "file not found", "language not supported"),
                "{recording} couldn't be written down: {error}. | No transcript: {error}.",
            ),
        ],
    ),
]

FAMILIES = MEDIA
