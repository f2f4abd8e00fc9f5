"""Tools about leisure: films, books, music, games, museums, events, hobbies."""

from random import Random

from training import values as v
from training.family import Family, Parameter, Result
from training.open_sets import such_as
from training.several import several

_film = Parameter("film|movie|title|movie_title|name", v.movie, "Title of the film|The film|")
_book = Parameter("book|title|book_title|name", v.book, "Title of the book|The book|")
_song = Parameter("song|track|title|name|song_title", v.song, "The song|Title of the track|")
_artist = Parameter("artist|band|musician|performer|singer", v.artist, "Artist or band|Who plays|")
_city = Parameter("city|place|town|where|location", v.city, "The city|Where|")
_day = Parameter("day|date|when|on", v.day, "Which day|")
_game = such_as("Catan", "chess", "Carcassonne", "Go", "Uno", "Monopoly", "Azul", "Risk", "Scrabble", "Dixit", "Othello", "Ludo")
_museum = such_as("the Louvre", "the Prado", "the Tate Modern", "the Rijksmuseum", "the Science Museum", "the Uffizi", "the City Museum", "the Maritime Museum", "the Pergamon Museum")
_number = v.integer(1, 12)


def _photo(random: Random) -> str:
    name = random.choice((f"IMG_{random.randint(1000, 9999)}", v.word(random), f"{v.word(random)}_{random.randint(1, 99)}"))
    return f"{name}.{random.choice(('jpg', 'png', 'jpeg', 'heic'))}"


FAMILIES: list[Family] = [
    Family(
        "film_score", "get_movie_rating|movie_rating|film_review|rate_lookup|movie_score",
        "Rating and length of a film|What critics say about a movie|Looks up how good a film is",
        [_film],
        several("""Is {film} any good? | Rating of {film} | How long is the film {film}, and is it worth it? | Should I watch {film}? | {film} reviews | We're thinking of watching {film} tonight, do people like it? | What do
        critics say about {film}? | Look up the movie "{film}" | Tell me how good {film} is | Would you check the score of the film {film}? | My friends keep talking about {film}; is the movie that good?"""),
        "to know if {film} is good|the rating of {film}|to know more about the film {film}",
        [
            Result({"rating|score|imdb": v.number(2, 9.8), "minutes|runtime|runtime_min": v.integer(75, 210)}, several("""{film} is rated {rating} out of 10 and runs {minutes} minutes. | People give {film} {rating} of 10; it lasts
            {minutes} minutes. | It has {rating} out of 10, with a length of {minutes} minutes.""")),
            Result({"error": v.choice("film not found")}, several("""I couldn't find a film called {film}. | There's no rating for {film}. | {film} isn't in the database, sorry."""), 0.35),
        ],
        "films",
    ),
    Family(
        "film_suggest", "recommend_movie|suggest_film|movie_suggestion|find_movie|what_to_watch",
        "Suggest a film of a genre|Recommends something to watch within a length|Film tips for an evening",
        [
            Parameter("genre|kind|category", v.choice("comedy", "thriller", "horror", "science fiction", "romance", "documentary", "animation", "western", "drama"), "Genre|"),
            Parameter("max_minutes|length|runtime|max_length", v.integer(70, 200), "Longest running time|", "integer"),
            Parameter("since|year_from|after", v.year, "Not older than this year|", "integer", phrases=", made after {}|, not older than {}"),
            Parameter("kids|for_children|family_friendly", v.flag("and suitable for kids", "and it need not suit kids"), "For children|", "boolean", phrases=" {}"),
        ],
        several("""Suggest a {genre} film of at most {max_minutes} minutes | {genre}, up to {max_minutes} minutes, what should we watch? | I'm in the mood for {genre} but I've only {max_minutes} minutes | What {genre} movie is shorter than {max_minutes}
        minutes? | Recommend us something in {genre} that lasts {max_minutes} minutes or less | Film night! {genre} please, no more than {max_minutes} minutes | Find a film: genre {genre}, maximum {max_minutes} minutes | In {max_minutes} minutes I have to go to bed, is
        there a nice {genre} film? | We can't agree, so pick a {genre} movie under {max_minutes} minutes | My girlfriend loves {genre}. Which film takes up to {max_minutes} minutes?"""),
        "a {genre} film of at most {max_minutes} minutes|to watch some {genre}|a film for tonight",
        [
            Result(lambda r, a: {"title|film": v.movie(r), "year": r.randint(max(1950, min(a.get("since", 1950) + 1, 2025)), 2025), "minutes|runtime": r.randint(60, a["max_minutes"])}, several("""How about {title} from {year}? It runs {minutes} minutes. | I'd watch {title} ({year}, {minutes} minutes). | {title} would fit: made in {year},
            {minutes} minutes long.""")),
            Result({"films|results": v.choice([])}, several("""I found no {genre} film that short. | Nothing in {genre} stays under {max_minutes} minutes. | No match, sorry; would a longer film do?"""), 0.35),
        ],
        "films",
    ),
    Family(
        "cinema_times", "get_showtimes|cinema_times|showtimes|movie_times|when_is_film_on",
        "When a film is shown in a city|Cinema programme|Showtimes by film, city and day",
        [_film, _city, _day],
        several("""When is {film} on in {city} {day}? | {film} {city} {day} | Where can I see {film} {day}? I'm in {city} | Cinema in {city}, {day}: {film} | Is any cinema in {city} showing {film} {day}? | We want to watch {film} {day} in {city}, what time does
        it start? | {day} in {city}, is {film} on? | Showtimes for "{film}" in {city} {day} | In {city}, at what time do they show {film} {day}? | My date wants to see {film}. It's {day}, in {city}, any showings?"""),
        "the showtimes of {film} in {city}|to see {film} {day}|to know when {film} is on",
        [
            Result({"cinema|theatre": v.choice("Odeon", "Rex", "Lumen", "Capitol", "Metropol", "Astor"), "time|starts": v.clock, "price": v.number(6, 18, 2)}, several("""{film} is on at the {cinema} at {time}; a ticket costs {price}. | The {cinema} shows it at {time} for {price}.
            | At {time}, in the {cinema}. Tickets are {price}.""")),
            Result({"showings": v.choice([])}, several("""{film} isn't shown in {city} {day}. | No cinema in {city} has {film} then. | I found no showings of {film}."""), 0.45),
        ],
        "films",
    ),
    Family(
        "cinema_book", "book_cinema|buy_movie_tickets|cinema_tickets|reserve_seats|book_movie",
        "Buy cinema tickets|Books seats for a film|Cinema booking with row and time",
        [
            _film, Parameter("seats|tickets|count|quantity", v.integer(1, 9), "How many|", "integer"), _day, Parameter("time|start|at|showtime", v.clock, "Start of the film|"),
            Parameter("row|seat_row|position", v.choice("front", "middle", "back"), "Where to sit|", choices=("front", "middle", "back"), phrases=" in the {}|, row: {}"),
        ],
        several("""Book {seats} seats for {film} {day} at {time} | {seats} tickets, {film}, {day}, {time} | We're {seats} people and want to watch {film} {day} at {time} at the cinema | Reserve cinema seats: {film}, {day} {time}, {seats} of them | Can you get {seats} tickets for the
        {time} showing of {film} {day}? | {day} at {time} I'm taking the kids to {film}; buy {seats} tickets | For {film}, {time}, {day}, please get {seats} seats | At {time} {day} they show {film}. Book {seats} for us | Please buy cinema tickets for {day}: "{film}", {time},
        {seats} people | The film is {film}, {day} at {time}; I need {seats} seats"""),
        "{seats} tickets for {film}|to see {film} {day} at {time}|cinema seats",
        [
            Result({"code|booking": v.code, "row_number|row_no": v.integer(1, 20), "total|price": v.money}, several("""You have {seats} seats in row {row_number} for {total}; the code is {code}. | Booked: row {row_number}, {total}, code {code}. | Enjoy the film! Row
            {row_number}, {total} in all, booking {code}.""")),
            Result({"booked": v.choice(False), "left|seats_left": v.integer(0, 3)}, several("""That didn't work, only {left} seats are left. | There are just {left} seats left for {film}. | Sorry, not enough room: {left} seats remain."""), 0.4),
        ],
        "films",
    ),
    Family(
        "library_shelf", "search_library|library_lookup|is_book_available|find_in_library|library_catalog",
        "Whether the library has a book|Finds the shelf of a book and if it can be borrowed|Library catalogue",
        [_book],
        several("""Does the library have {book}? | {book} library | Can I borrow {book}? | Is {book} on the shelf? | I need to read {book} for school, has the library got it? | Look up "{book}" in the library | Is somebody reading {book}, or can I have
        it? | Find the book {book} for me in the catalogue | Where in the library is {book}? | I'd like to lend {book}, is it there?"""),
        "to know if the library has {book}|to borrow {book}|the shelf of {book}",
        [
            Result({"available": v.choice(True), "shelf|location": v.code, "copies": v.integer(1, 6)}, several("""Yes, {copies} copies of {book} are in, on shelf {shelf}. | You'll find {book} at {shelf}; copies: {copies}. | It's there: shelf {shelf}, {copies} copies.""")),
            Result({"available": v.choice(False), "due_back|returns_on": v.date}, several("""{book} is out and comes back on {due_back}. | Somebody has borrowed it until {due_back}. | Not right now; it's due back on {due_back}.""")),
            Result({"error": v.choice("not in the catalogue")}, several("""The library doesn't have {book}. | {book} isn't in the catalogue. | I couldn't find {book} there, sorry."""), 0.3),
        ],
        "books",
    ),
    Family(
        "library_extend", "renew_book|extend_loan|renew_loan|library_renew|prolong",
        "Renew a borrowed book|Extends a library loan by weeks|Keeps a book longer",
        [_book, Parameter("card|card_number|member|library_card", v.code, "Library card|"), Parameter("weeks|by_weeks|duration", v.integer(2, 6), "Weeks|", "integer")],
        several("""Renew {book} for {weeks} weeks, card {card} | {card}: {book}, {weeks} weeks more | I haven't finished {book} yet, extend it by {weeks} weeks. My card is {card} | Can I keep {book} for another {weeks} weeks? Library card {card} | With card {card}, prolong {book} by
        {weeks} weeks | I need {weeks} more weeks for {book} (card {card}) | Extend my loan of "{book}", {weeks} weeks, library card {card} | My library card is {card}; please renew {book}, {weeks} weeks | {book} is due tomorrow! Card {card}, {weeks} weeks more please | Give me {weeks} more
        weeks with {book} on {card}"""),
        "to keep {book} for {weeks} weeks|{book} renewed|a longer loan of {book}",
        [
            Result({"due|new_due_date|dueDate": v.date}, several("""You may keep {book} until {due}. | Renewed, the new date is {due}. | {book} is due on {due} now.""")),
            Result({"renewed": v.choice(False), "reason": v.choice("somebody is waiting for it", "it was renewed three times already", "there are open fees")}, several("""{book} couldn't be renewed: {reason}. | You have to bring {book} back, because {reason}. | No, the library
            declines since {reason}."""), 0.5),
        ],
        "books",
    ),
    Family(
        "book_suggest", "recommend_book|suggest_book|book_recommendation|similar_books|what_to_read",
        "Suggest a book similar to another|Book tips|What to read after a book",
        [_book, Parameter("language|lang|in_language", v.language, "Language of the book|", phrases=" in {}|, in {} please")],
        several("""I liked {book}, what should I read next? | Something like {book} | Books similar to {book} | I've just finished {book} and want more of the kind | Recommend a book for a fan of {book} | Which novel is close to {book}? | My dad loved
        {book}; suggest another one for him | After {book}, what's worth reading? | If you like "{book}", what else? | What do readers of {book} read?"""),
        "a book like {book}|to know what to read after {book}|a tip for a reader of {book}",
        [
            Result({"title|book_title|suggestion": v.book, "author|by": v.person, "pages": v.integer(90, 900)}, several("""Try {title} by {author}, {pages} pages. | Readers of {book} like {title} by {author}; it has {pages} pages. | I'd go for {title}. It's by {author} and
            {pages} pages long.""")),
            Result({"results": v.choice([])}, several("""I found nothing like {book}. | No book came up for {book}, sorry. | There's no suggestion for {book}."""), 0.3),
        ],
        "books",
    ),
    Family(
        "music_play", "play_music|play_song|play_track|start_music|music_play",
        "Play a song on a speaker|Starts music in a room|Plays a track by its title",
        [
            _song, Parameter("room|speaker|device|where", v.room, "Where to play|The speaker|"),
            Parameter("volume|level|loudness", v.percent, "In percent|", "integer", phrases=" at volume {}|, volume {}"),
            Parameter("shuffle|repeat|loop", v.flag("on repeat", "only once"), "Play it again and again|", "boolean", phrases=", {}|, {} please"),
        ],
        several("""Play {song} in the {room} | {song}, {room} | I want to hear {song} in the {room} | Put on {song} in the {room} | Could you start {song} on the {room} speaker? | In the {room}, play '{song}' please | We're dancing in the {room}! {song}! | Let me listen to
        {song} here in the {room} | Music in the {room}: {song} | It's too quiet in the {room}, play {song}"""),
        "to hear {song} in the {room}|{song} played|music in the {room}",
        [
            Result({"playing": v.choice(True), "artist|by": v.artist}, several("""Playing {song} by {artist} in the {room}. | Here's {song} by {artist}. | {song} ({artist}) is on in the {room}.""")),
            Result({"error": v.choice("song not found", "speaker is offline")}, several("""I couldn't play {song}: {error}. | No music in the {room}, {error}. | Sorry, there's a problem: {error}."""), 0.35),
        ],
        "music",
    ),
    Family(
        "song_info", "song_info|who_sings|identify_artist|get_song_info|track_lookup",
        "Artist and year of a song|Who sings a song|Looks up a track",
        [_song],
        several("""Who sings {song}? | {song} by whom? | Which band made {song}? | What year is the song {song} from? | I've had {song} in my head all day, who is it by? | Tell me about the track {song} | Is {song} an old song? | Look up "{song}" | Do you know who wrote
        the song {song}? | Which album is {song} on?"""),
        "to know who sings {song}|to know more about the song {song}|the artist of {song}",
        [
            Result({"artist|performer": v.artist, "year|released": v.integer(1955, 2025), "album": v.title}, several("""{song} is by {artist}, from the album {album} ({year}). | That's {artist}; it came out in {year} on {album}. | {artist} recorded it in {year} for
            {album}.""")),
            Result({"matches": v.choice([])}, several("""I don't know a song called {song}. | I found no {song}, sorry. | There's no entry for {song}."""), 0.3),
        ],
        "music",
    ),
    Family(
        "playlist_create", "create_playlist|make_playlist|new_playlist|generate_playlist|build_playlist",
        "Make a playlist of a genre and length|Creates a playlist with a name|New mix",
        [
            Parameter("name|title|playlist|playlist_name", v.title, "Name of the playlist|"), Parameter("genre|style|kind", v.genre, "Kind of music|"),
            Parameter("songs|count|length|n_tracks", v.integer(5, 80), "How many songs|", "integer"),
            Parameter("public|shared|is_public", v.flag("visible to everyone", "visible only to me"), "Others can see it|", "boolean", phrases=", {}"),
        ],
        several("""Make a playlist "{name}" with {songs} songs of {genre} | Playlist {name}: {genre}, {songs} tracks | I want {songs} {genre} songs in a list called {name} | Create {name}, a {genre} playlist of {songs} tracks | {songs} tracks, {genre}, name it '{name}' | I'm having people
        over; put together {songs} pieces of {genre} and call the playlist {name} | Could you build me a {genre} mix named {name}? {songs} songs | New playlist, {genre}, {songs} songs: {name} | As "{name}", save a mix of {songs} {genre} songs | Give me some {genre} for the road, {songs} songs,
        in a playlist called {name}"""),
        "a {genre} playlist called {name}|{songs} songs of {genre}|a new playlist",
        [
            Result(lambda r, a: {"id|playlist_id": v.code(r), "minutes|duration": a["songs"] * 3 + r.randint(0, a["songs"])}, several("""{name} is ready: {songs} songs, {minutes} minutes of {genre}. | Done, {name} plays for {minutes} minutes. | Your playlist {name} has {songs} songs and lasts {minutes}
            minutes.""")),
            Result({"error": v.choice("a playlist with this name exists", "too few songs of this kind")}, several("""I couldn't make {name}: {error}. | No playlist, because {error}. | That didn't work, {error}."""), 0.35),
        ],
        "playlist",
    ),
    Family(
        "playlist_add", "add_to_playlist|playlist_add|save_to_playlist|add_song|put_on_playlist",
        "Add a song to a playlist|Puts a track on a list|Playlist editing",
        [_song, _artist, Parameter("playlist|list|playlist_name|to", v.title, "Name of the playlist|")],
        several("""Add {song} by {artist} to my playlist {playlist} | {song} ({artist}) to "{playlist}" | Put {artist}'s {song} on {playlist} | The playlist {playlist} is missing {song} by {artist} | I love {song} from {artist}, save it to {playlist} | On {playlist} I want
        {song} by {artist} | Could you add '{song}', artist {artist}, to {playlist}? | {playlist}: add {artist} - {song} | By {artist} there's {song}; that belongs in the list {playlist} | Please save {song}, it's by {artist}, in '{playlist}'"""),
        "{song} on the playlist {playlist}|a song by {artist} added|{song} saved to {playlist}",
        [
            Result({"tracks|count|total": v.integer(2, 200)}, several("""{song} is on {playlist} now, which has {tracks} tracks. | Added. {playlist} has {tracks} songs. | Done: {song} by {artist} is number {tracks} on {playlist}.""")),
            Result({"added": v.choice(False), "reason": v.choice("already on the list", "playlist not found", "song not available")}, several("""{song} wasn't added: {reason}. | {playlist} is unchanged, with the reason "{reason}". | That didn't work ({reason})."""), 0.4),
        ],
        "playlist",
    ),
    Family(
        "concert_search", "find_concerts|concert_search|upcoming_concerts|artist_events|tour_dates",
        "Concerts of an artist in a city|Tour dates|When somebody plays near",
        [_artist, _city],
        several("""When does {artist} play in {city}? | {artist} {city} tickets | Is {artist} coming to {city}? | Any concerts of {artist} in {city}? | I'd love to see {artist} live, in {city} if possible | Tour dates of {artist} in {city} | {city}: is there a gig
        by {artist}? | My daughter is crazy about {artist}. Do they play in {city}? | Look for a {artist} concert in {city} | In {city}, when can I hear {artist}?"""),
        "to see {artist} in {city}|concerts of {artist}|to know if {artist} plays in {city}",
        [
            Result({"date|on": v.date, "venue|hall": v.choice("Arena", "Town Hall", "Opera", "Olympic Stadium", "Jazz Cellar", "Open Air Stage"), "price|from_price": v.integer(15, 180)}, several("""{artist} plays on {date} at the {venue}; tickets start at {price}. | On {date}, at the
            {venue}, from {price}. | Yes! {date}, {venue}, tickets from {price}.""")),
            Result({"concerts|events": v.choice([])}, several("""{artist} isn't playing in {city} soon. | There are no dates for {artist} in {city}. | I found no concert in {city}, sorry."""), 0.5),
        ],
        "events",
    ),
    Family(
        "event_search", "find_events|whats_on|event_search|local_events|things_to_do",
        "What is going on in a city on a day|Events of a kind|Finds things to do",
        [
            _city, _day, Parameter("kind|type|category|event_type", v.choice("theatre", "concert", "market", "festival", "exhibition", "comedy", "workshop", "sports"), "Kind of event|",),
            Parameter("free|no_cost|free_only", v.flag("with free entry", "free or not"), "Only free events|", "boolean", phrases=" {}"),
        ],
        several("""What's on in {city} {day}? I'm looking for {kind} | {kind} in {city} {day} | Is there any {kind} in {city} {day}? | My parents visit {city} {day} and like {kind}, what's happening? | {day} we're in {city}, find some {kind} | Events: {kind}, {city}, {day} | Anything to
        do {day} in {city}? {kind} would be nice | For {day}, which {kind} is there in {city}? | I'm bored! {city}, {day}, {kind} please | Show me {kind} events in {city} {day}"""),
        "{kind} in {city} {day}|something to do {day}|to know what is on in {city}",
        [
            Result({"title|name": v.title, "venue|where": v.building, "starts|time": v.clock}, several("""There's {title}, at {venue}, at {starts}. | {title} starts at {starts}; the place is {venue}. | I'd go to {title} ({venue}, {starts}).""")),
            Result({"events": v.choice([])}, several("""Nothing like that in {city} {day}. | I found no {kind} in {city} then. | No {kind} {day}, I'm afraid."""), 0.45),
        ],
        "events",
    ),
    Family(
        "museum_hours", "museum_hours|opening_hours|museum_info|get_museum|is_museum_open",
        "Opening hours and entry fee of a museum|Whether a museum is open|Museum information for a day",
        [Parameter("museum|name|place|venue", _museum, "The museum|"), _day],
        several("""Is {museum} open {day}? | {museum} {day} hours | When can I visit {museum} {day}? | What does {museum} cost {day}? | We want to go to {museum} {day}, until when is it open? | {day} at {museum}: opening times? | Opening hours of {museum} for {day} | Can I still get into
        {museum} {day}? | My class is visiting {museum} {day}, what are the hours? | Tell me about {museum}, {day}"""),
        "to know if {museum} is open {day}|the opening hours of {museum}|to visit {museum}",
        [
            Result({"opens": v.choice("8:30", "9:00", "10:00", "11:00"), "closes": v.choice("16:30", "17:00", "18:00", "20:00"), "entry|fee|price": v.integer(3, 28)}, several("""It's open from {opens} to {closes}, and entry is {entry}. | Opening time is {opens}, closing time {closes}; you pay {entry}. | Yes, from
            {opens} to {closes}. Entry: {entry}.""")),
            Result({"open": v.choice(False), "reason|note": v.choice("public holiday", "renovation", "weekly closing day")}, several("""No, {museum} is closed ({reason}). | It's closed {day}, with the note "{reason}". | You can't visit it {day}; the reason is: {reason}."""), 0.5),
        ],
    ),
    Family(
        "museum_guide", "artwork_info|get_artwork|audio_guide|find_artwork|exhibit_info",
        "About a work of art in a museum|In which room an exhibit hangs|Museum guide",
        [Parameter("artwork|title|work|exhibit", v.title, "Title of the work|"), Parameter("museum|place|where", _museum, "The museum|")],
        several("""Where in {museum} is {artwork}? | {artwork}, {museum} | Who made {artwork}? It's in {museum} | I'm in {museum} looking for {artwork} | Tell me about the painting "{artwork}" in {museum} | In which room of {museum} do I find {artwork}? | Does {museum} show {artwork}?
        | Find '{artwork}' at {museum} | We're standing in {museum} and can't find {artwork} | Guide me to {artwork}, I'm at {museum}"""),
        "to find {artwork} in {museum}|to know more about {artwork}|the room of {artwork}",
        [
            Result({"artist|by": v.person, "year": v.integer(1420, 2020), "room_number|room|gallery": v.integer(1, 90)}, several("""{artwork} is by {artist}, from {year}, and hangs in room {room_number}. | Go to room {room_number}: {artist} made it in {year}. | It's in room
            {room_number}; the artist is {artist} ({year}).""")),
            Result({"on_display": v.choice(False), "loan_to|lent_to": v.city}, several("""{artwork} isn't on display, it's on loan to {loan_to}. | You won't see it now: it was lent to {loan_to}. | It's away, in {loan_to}."""), 0.4),
        ],
    ),
    Family(
        "theatre_tickets", "book_theatre|buy_event_tickets|event_tickets|order_tickets|purchase_tickets",
        "Buy tickets for a show|Books seats of a category for an event|Ticket shop for events",
        [
            Parameter("show|event|title|performance", v.title, "The show|"), _day, Parameter("quantity|tickets|count|seats", v.integer(1, 8), "How many|", "integer"),
            Parameter("category|section|area", v.choice("stalls", "balcony", "standing", "box"), "Where to sit|", choices=("stalls", "balcony", "standing", "box")),
        ],
        several("""{quantity} tickets for {show} {day}, {category} | Buy {quantity} {category} tickets for "{show}" {day} | I'd like to see {show} {day}: {quantity} tickets, {category} | {show}, {day}, {category}, {quantity} | For {day}, get us {quantity} seats ({category}) for the show {show} | Are there {quantity}
        {category} tickets left for {show} {day}? Take them | It's our wedding day! {category}, {quantity} tickets, {show}, {day} | Please book {show} {day} for {quantity} of us, category {category} | In the category {category}: {quantity} for {show}, {day} | Can you order tickets? {show}, {day}, {quantity} people,
        {category}"""),
        "{quantity} tickets for {show}|to see {show} {day}|{category} tickets",
        [
            Result({"order|order_id": v.code, "total|price": v.money}, several("""You have {quantity} tickets for {show}, {total} in all. The order is {order}. | Done: {quantity} x {category} for {total}, order {order}. | Bought! {show}, {day}, {total} (order {order}).""")),
            Result({"available": v.choice(False), "waiting_list|queue_position": v.integer(3, 400)}, several("""Sold out, but you're number {waiting_list} on the waiting list. | There are no {category} tickets left; your place on the waiting list is {waiting_list}. | {show} is full. You're at
            {waiting_list} on the list."""), 0.4),
        ],
        "events",
    ),
    Family(
        "game_rules", "get_rules|game_rules|how_to_play|explain_rule|rules_lookup",
        "Rules of a game for a number of players|How a board game is played|Number of players, time and goal",
        [Parameter("game|name|title|board_game", _game, "The game|"), Parameter("players|people|n_players", v.integer(2, 8), "How many play|", "integer")],
        several("""How do {players} people play {game}? | {game} rules, {players} players | Can we play {game} with {players}? | There are {players} of us; does {game} work? | What are the rules of {game} for {players}? | The kids want {game} and we're {players}, how does it go? | For
        {players} players, is {game} any good? | Explain {game} to a group of {players} | Is {game} possible with {players} people? | I forgot how {game} goes, we're {players} at the table"""),
        "the rules of {game}|to play {game} with {players}|to know if {players} can play {game}",
        [
            Result({"possible": v.choice(True), "minutes|duration": v.integer(10, 150), "goal": v.choice("collect ten points", "be the first to get rid of all cards", "take the king", "own the largest area", "finish the round first")}, several("""Yes. With {players} it takes about {minutes}
            minutes, and the goal is to {goal}. | You can: plan {minutes} minutes; you win if you {goal}. | {game} works with {players}. The aim is to {goal}, in some {minutes} minutes.""")),
            Result(lambda r, a: {"possible": False, "min_players|min": a["players"] + 1, "max_players|max": a["players"] + r.randint(2, 4)}, several("""No, {game} is for {min_players} to {max_players} players. | Not with {players}: it needs {min_players} to {max_players}. | It's made for
            {min_players} to {max_players} people."""), 0.5),
        ],
        "games",
    ),
    Family(
        "game_score", "record_score|add_score|save_game_result|log_game|game_result",
        "Record the result of a game|Saves who won a board game with how many points|Score keeping",
        [
            Parameter("game|title|name", _game, "The game|"), Parameter("winner|player|won_by|who", v.first_name, "Who won|"),
            Parameter("points|score|winner_points", v.integer(3, 400), "Points of the winner|", "integer"),
        ],
        several("""{winner} won {game} with {points} points | Write down: {game}, {winner}, {points} | {points} points for {winner} in {game}, who won | Save the result of {game}: {winner} with {points} | In {game} {winner} got {points} points and won | We just played {game}; {winner} wins, {points} points |
        {winner} beat us all at {game}! {points} points, note that | Record that {winner} has won {game} ({points}) | {game} is over. Winner {winner}, score {points} | Could you log a game of {game}? {winner} made {points} and won"""),
        "{winner}'s win in {game} recorded|the score of {game} saved|a game of {game} written down",
        [
            Result({"wins|total_wins": v.integer(1, 60), "record|best": v.choice(False)}, several("""Saved. That's win number {wins} for {winner}. | Congratulations to {winner}: {points} points in {game}, {wins} wins in all. | Noted, {winner} has {wins} wins now.""")),
            Result({"wins|total_wins": v.integer(1, 60), "record|high_score": v.choice(True)}, several("""Saved, and {points} is a new record! {winner} has {wins} wins. | A record: {points} points in {game}. {winner} has won {wins} times. | {winner} sets a new record with {points}, for win
            number {wins}."""), 0.5),
        ],
        "games",
    ),
    Family(
        "chess_move", "make_move|play_move|chess_move|submit_move|move_piece",
        "Make a move in a game of chess|Plays a move on an online board|Sends a chess move",
        [Parameter("game|game_id|match|board", v.code, "Id of the game|"), Parameter("move|san|notation", v.choice("e4", "Nf3", "d5", "Bxc6", "O-O", "Qh5", "Rad1", "exd5", "Kg2", "c4", "Nbd7", "g6"), "Move in algebraic notation|")],
        several("""Play {move} in game {game} | {game}: {move} | My move in {game} is {move} | In my chess game {game} I'd like to play {move} | Make the move {move} on board {game} | I've thought about it long enough, {move} in {game} | Please answer with {move} in
        chess game {game} | Chess, {game}, {move} | It's my turn in {game}. Take {move} | Move: {move}; game: {game}"""),
        "to play {move} in {game}|the chess move {move}|{move} played",
        [
            Result({"reply|opponent_move": v.choice("e5", "Nc6", "Qd7", "Bg4", "h6", "a6", "Rxe1"), "check": v.choice(False)}, several("""You played {move}, and your opponent answered {reply}. | {move} it is. The reply came at once: {reply}. | Done; the other side plays {reply}.""")),
            Result({"legal": v.choice(False), "reason": v.choice("the king would be in check", "a piece is in the way", "it is not your turn")}, several("""{move} isn't possible: {reason}. | You can't play {move}, because {reason}. | That move was refused; {reason}."""), 0.5),
            Result({"reply": v.choice(None), "result": v.choice("checkmate")}, several("""{move} is checkmate. You won {game}! | Checkmate! {game} is yours. | With {move} you've mated your opponent. Well played!"""), 0.3),
        ],
        "games",
    ),
    Family(
        "podcast", "play_podcast|podcast_episode|find_podcast|latest_episode|get_episode",
        "Find an episode of a podcast|Latest episode about a topic|Podcast search",
        [Parameter("podcast|show|name|title", v.title, "The podcast|"), Parameter("topic|about|subject|query", v.topic, "What it should be about|")],
        several("""Is there an episode of {podcast} about {topic}? | {podcast}, {topic} | Find the {podcast} episode on {topic} | I remember {podcast} talking about {topic}, which episode was that? | Has the podcast {podcast} done something on {topic}? | Search "{podcast}" for
        {topic} | I'm on the train and want to hear about {topic} in {podcast} | What did {podcast} say about {topic}? Find the episode | About {topic}, please, from the podcast {podcast} | Look for {topic} in {podcast}'s episodes"""),
        "an episode of {podcast} about {topic}|to hear {podcast}|to find a podcast on {topic}",
        [
            Result({"episode|number": v.integer(1, 400), "guest": v.person, "minutes|length": v.integer(8, 120)}, several("""That's episode {episode}, with {guest} as a guest; it's {minutes} minutes long. | Episode {episode}: {guest} talks about it for {minutes} minutes. | Listen to number
            {episode} with {guest} ({minutes} minutes).""")),
            Result({"episodes": v.choice([])}, several("""{podcast} has no episode about {topic}. | I found none on {topic}. | Nothing about {topic} there, sorry."""), 0.4),
        ],
    ),
    Family(
        "tv_programme", "tv_guide|whats_on_tv|tv_program|channel_schedule|get_tv",
        "What is on television|Programme of a channel at a time|TV guide",
        [Parameter("channel|station|sender", such_as("BBC One", "ARD", "Arte", "CNN", "Channel 4", "NHK", "RAI 1", "TF1", "ESPN"), "The channel|"), Parameter("time|at|when", v.clock, "HH:MM|")],
        several("""What's on {channel} at {time}? | {channel} {time} | Is there anything good on {channel} at {time}? | At {time}, what does {channel} show? | I've nothing to do at {time}; what's on {channel}? | TV programme of {channel}, {time} | Which show runs on {channel} around {time}? | Look
        at the TV guide: {channel}, {time} | Grandma wants to know what {channel} brings at {time} | Tell me what I can watch at {time} on {channel}"""),
        "to know what is on {channel}|the programme at {time}|to watch {channel}",
        [
            Result({"title|show": v.title, "until|ends": v.clock, "kind|genre": v.choice("film", "series", "news", "documentary", "quiz show")}, several("""{channel} shows {title} then ({kind}), until {until}. | At {time} there's {title}, until {until}. Kind: {kind}. | It's {title}, {kind}, ending at {until}.""")),
            Result({"error": v.choice("no data for this channel")}, several("""I have no programme for {channel}. | There's nothing listed for {channel} at {time}. | No data for {channel}, sorry."""), 0.3),
        ],
    ),
    Family(
        "photo_search", "search_photos|find_photos|photo_search|show_pictures|get_photos",
        "Find photos by what they show, place and year|Searches the photo album|Pictures of somebody or something",
        [
            Parameter("subject|what|query|shows", v.noun, "What is in the picture|"), Parameter("place|location|taken_at", v.place, "Where it was taken|"), Parameter("year|taken_in|when", v.integer(1995, 2026), "Year|", "integer"),
        ],
        several("""Find photos with a {subject} from {place} in {year} | Photos: {subject}, {place}, {year} | Show me the pictures of the {subject} we took in {place} in {year} | In {year} we were in {place}; where are the photos of the {subject}? | Do I have pictures from {place},
        {year}, that show a {subject}? | I'm making an album: {place} {year}, anything with a {subject} | Look for {subject} in my {year} photos of {place} | My {place} photos of {year}, those with the {subject} please | From {year}: pictures of a {subject} in {place} | Search the album for
        "{subject}", taken in {place}, {year}"""),
        "photos of a {subject} in {place}|pictures from {year}|to find photos",
        [
            Result({"count|found|total": v.integer(2, 300), "best|cover": _photo}, several("""I found {count} photos; the best may be {best}. | There are {count} pictures from {place}. Start with {best}. | {count} photos show it, for example {best}.""")),
            Result({"count|found": v.choice(0)}, several("""I found no such photos. | There are no pictures from {place} in {year} with that. | Nothing in the album, sorry."""), 0.4),
        ],
    ),
    Family(
        "photo_print", "print_photos|order_prints|photo_print|order_photo_print|make_prints",
        "Order prints of a photo|Prints a picture in a size, some copies|Photo printing",
        [
            Parameter("file|photo|image|picture", _photo, "The picture|"), Parameter("size|format|paper_size", v.choice("10x15", "13x18", "20x30", "30x45", "A4", "A3"), "Size|",), Parameter("copies|count|quantity", v.integer(1, 40), "How many|", "integer"),
            Parameter("finish|surface|paper", v.choice("matt", "glossy"), "Surface of the paper|", choices=("matt", "glossy")),
        ],
        several("""Print {file} {copies} times in {size}, {finish} | {copies} prints of {file}, {size}, {finish} | I'd like {file} as a {finish} print, {size}, {copies} copies | {file}: {size} {finish} x {copies} | Could you order {copies} {finish} copies of {file} in {size}? | In {size} and {finish}, print {file}, {copies}
        of them | It's for grandma: {copies} prints of {file}, {finish}, size {size} | Size {size}, {copies} copies, {finish} paper, picture {file} | Make {finish} prints of {file}. Format {size}, number {copies} | Order the photo {file} on {finish} paper, {copies} pieces of {size}"""),
        "{copies} prints of {file}|{file} printed in {size}|{finish} prints",
        [
            Result({"order|order_id": v.code, "total|price": v.number(0.5, 90, 2), "days|ready_in_days": v.integer(1, 9)}, several("""{copies} prints are ordered for {total}, ready in {days} days (order {order}). | Ordered: {total}, {days} days, number {order}. | Your prints of {file} will be ready in {days} days. They cost {total};
            the order is {order}.""")),
            Result({"error": v.choice("resolution too low", "file not found", "format not supported")}, several("""I couldn't order the prints: {error}. | No prints of {file}: {error}. | The shop refused the picture ({error})."""), 0.35),
        ],
    ),
]
