"""Word lists from which values are drawn, and the words of tiny's vocabulary. It knows nothing of random choices.

The lists give values their sense ("a city"); the vocabulary makes them various, so that the model learns to copy any
word and not to guess a likely one.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from ossia.gguf import GGUF
from ossia.store import tiny_base

_base = Path(__file__).parents[1] / ".cache" / "tiny" / "smollm2.gguf"


def use(base: Path) -> None:
    """Take the vocabulary from this GGUF of the base model."""
    global _base
    _base = base


@cache
def metadata() -> Mapping[str, object]:
    """Return the metadata of the base model's GGUF, which is downloaded at the first use."""
    if not _base.exists():
        _base.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=_base.parent) as folder:
            tiny_base.download(Path(folder)).replace(_base)
    return GGUF.open(_base).metadata


@cache
def _words() -> list[str]:
    """Return the tokens that begin with a blank and are words of ASCII letters."""
    tokens = metadata()["tokenizer.ggml.tokens"]
    assert isinstance(tokens, list)
    return [token[1:] for token in tokens if token[0] == "\u0120" and token[1:].isascii() and token[1:].isalpha()]


@cache
def lower_case() -> list[str]:
    """Return all lower-case words of the vocabulary with three letters or more."""
    return [word for word in _words() if word.islower() and len(word) > 2]


@cache
def capitalised() -> list[str]:
    """Return all words of the vocabulary that begin with a capital letter, such as names."""
    return [word for word in _words() if word[0].isupper() and word[1:].islower() and len(word) > 2]


@cache
def pieces() -> list[str]:
    """Return the vocabulary's lower-case parts of words, of which words are invented."""
    tokens = metadata()["tokenizer.ggml.tokens"]
    assert isinstance(tokens, list)
    return [token for token in tokens if token.isascii() and token.isalpha() and token.islower() and 1 < len(token) < 6]


def split_list(text: str) -> list[str]:
    """Return the parts of a text between commas."""
    return [" ".join(item.split()) for item in text.split(",")]


CITIES = split_list(
    """Paris, London, Berlin, Tokyo, Madrid, Rome, Oslo, Vienna, Lisbon, Dublin, Prague, Athens, Cairo, Nairobi,
    Lagos, Mumbai, Delhi, Bangkok, Hanoi, Seoul, Beijing, Shanghai, Sydney, Melbourne, Auckland, Toronto, Vancouver,
    Montreal, Chicago, Boston, Seattle, Denver, Austin, Dallas, Houston, Miami, Atlanta, Phoenix, Portland, San
    Francisco, Los Angeles, New York, Mexico City, Lima, Bogota, Bogotá, Santiago, Buenos Aires, São Paulo, Rio de
    Janeiro, Havana, Kingston, Reykjavik, Reykjavík, Helsinki, Stockholm, Copenhagen, Warsaw, Budapest, Bucharest,
    Sofia, Belgrade, Zagreb, Istanbul, Ankara, Tehran, Baghdad, Riyadh, Dubai, Doha, Karachi, Lahore, Dhaka,
    Colombo, Kathmandu, Jakarta, Manila, Singapore, Kuala Lumpur, Osaka, Kyoto, Taipei, Hamburg, Munich, München,
    Cologne, Köln, Lyon, Marseille, Nice, Porto, Seville, Valencia, Milan, Naples, Turin, Venice, Geneva, Zurich,
    Zürich, Basel, Brussels, Antwerp, Ghent, Rotterdam, Utrecht, Leeds, Bristol, Glasgow, Cardiff, Belfast, Galway,
    Salt Lake City, Santa Fe, Tucson, Omaha, Memphis, Nashville, Cleveland, Detroit, Casablanca, Tunis, Accra,
    Dakar, Lusaka, Harare, Perth, Brisbane, Adelaide, Hobart, Málaga, Kraków, Gdańsk, Tromsø, Aarhus, Malmö,
    Göteborg, Tallinn, Riga, Vilnius, Minsk, Kyiv, Odesa, Tbilisi, Yerevan, Baku, Almaty, Tashkent, Ulaanbaatar,
    Vientiane, Phnom Penh, Yangon, Chennai, Kolkata, Bangalore, Hyderabad, Pune, Jaipur, Addis Ababa, Kampala,
    Kigali, Luanda, Maputo, Cape Town, Johannesburg, Durban, Windhoek, Gaborone, Algiers, Tripoli, Beirut, Amman,
    Damascus, Jerusalem, Tel Aviv, Muscat, Manama, Kuwait City, Quito, La Paz, Asunción, Montevideo, Caracas, Panama
    City, San José, Managua, Guatemala City, Honolulu, Anchorage, San Diego, Philadelphia, Baltimore, Pittsburgh,
    New Orleans, Minneapolis, Milwaukee, Kansas City, St. Louis, Las Vegas, Sacramento, Edinburgh, Manchester,
    Liverpool, Birmingham, York, Bath, Cork, Limerick, Bergen, Trondheim, Turku, Tampere, Graz, Salzburg, Innsbruck,
    Leipzig, Dresden, Bremen, Frankfurt, Stuttgart, Düsseldorf, Bonn, Kiel, Bilbao, Granada, Palermo, Bologna,
    Florence, Verona, Bari, Split, Ljubljana, Sarajevo, Skopje, Tirana, Valletta, Luxembourg, Monaco, Lausanne,
    Bern, Strasbourg, Bordeaux, Toulouse, Lille, Nantes, Sapporo, Nagoya, Fukuoka, Busan"""
)
COUNTRIES = split_list(
    """France, Germany, Spain, Italy, Portugal, Norway, Sweden, Finland, Denmark, Poland, Austria, Hungary, Greece,
    Turkey, Egypt, Kenya, Nigeria, Ghana, Morocco, India, Pakistan, Nepal, China, Japan, South Korea, Vietnam, Thailand,
    Indonesia, Australia, New Zealand, Canada, Mexico, Brazil, Argentina, Chile, Peru, Colombia, Cuba, Jamaica, Iceland,
    Ireland, Belgium, Switzerland, Romania, Bulgaria, Serbia, Croatia, Ukraine, Estonia, Latvia, Lithuania, Israel,
    Jordan, Qatar, Iran, Iraq, Mongolia, Ethiopia, Tanzania, Uganda, Zambia, Angola, Senegal, Bolivia, Ecuador, Uruguay,
    Panama, Costa Rica, Malta, Cyprus, Slovenia, Slovakia, the Netherlands, Czechia, Moldova, Georgia, Armenia,
    Sri Lanka, Bangladesh, Myanmar, Malaysia, the Philippines, Fiji, Samoa, Namibia, Botswana, Rwanda, Mali, Tunisia"""
)
FIRST_NAMES = split_list(
    """Anna, Ben, Carla, David, Emma, Felix, Grace, Hugo, Ines, Jack, Kira, Leo, Maria, Noah, Olivia, Paul, Quinn, Rosa,
    Sam, Tara, Uma, Victor, Wendy, Xavier, Yara, Zoe, Ahmed, Bianca, Chen, Dmitri, Elena, Fatima, Giorgio, Hana, Ivan,
    Jamal, Keiko, Lars, Mei, Nadia, Omar, Priya, Rafael, Sofia, Thomas, Ursula, Viktor, Walter, Yusuf, Alice, Brian,
    Claire, Daniel, Edith, Frank, Gloria, Henry, Isabel, James, Karen, Linda, Martin, Nora, Oscar, Peter, Rachel, Simon,
    Theresa, Vincent, Laura, Marcus, Julia, George, Helen, Aisha, Tom, Lucy, Max, Mia, Eric, José, Zoë, Jürgen, Søren,
    Łukasz, Renée, Chloé, Björn, Ángel, Siobhán, Noémie, Ana, Bob, Carol, Dave, Eve, Farid, Greta, Hiro, Ilse, Jonas,
    Kenji, Lena, Mateo, Nia, Otto, Pia, Ravi, Sven, Tina, Ugo, Vera, Will, Yuki, Amara, Bruno, Celia, Diego, Esther"""
)
LAST_NAMES = split_list(
    """Smith, Jones, Brown, Garcia, Miller, Davis, Lopez, Wilson, Anderson, Taylor, Moore, Jackson, Lee, Perez,
    Thompson, White, Harris, Clark, Lewis, Robinson, Walker, Young, Allen, King, Wright, Scott, Torres, Nguyen,
    Hill, Green, Adams, Baker, Nelson, Carter, Mitchell, Roberts, Turner, Phillips, Campbell, Parker, Evans,
    Edwards, Collins, Stewart, Morris, Murphy, Cook, Rogers, Kim, Patel, Singh, Kumar, Ivanov, Novak, Schmidt,
    Weber, Fischer, Rossi, Ferrari, Silva, Santos, Costa, Tanaka, Suzuki, Sato, Yamamoto, Okafor, Mensah, Haddad,
    Cohen, Larsen, Hansen, Berg, Lindqvist, Kowalski, Dubois, Moreau, O'Brien, García, Müller, Østergaard, Çelik,
    van Dijk, de Souza, Abebe, Diallo"""
)
COMPANIES = split_list(
    """Apple, Google, Microsoft, Amazon, Tesla, Netflix, Intel, Nvidia, Oracle, IBM, Siemens, Bosch, Toyota, Honda,
    Sony, Samsung, Nokia, Ericsson, Airbus, Boeing, Pfizer, Bayer, Nestle, Unilever, Shell, Nike, Adidas, Puma, Ikea,
    Walmart, Target, Costco, Spotify, Uber, Airbnb, Adobe, Cisco, Dell, Philips, Volvo, Ford, Renault, Fiat, Michelin,
    Danone, Lego, Acme Corp, Globex, Initech, Umbrella Ltd, Acme Tools, Blue River Foods, Northwind Traders, Contoso"""
)
ANIMALS = split_list(
    """lion, tiger, elephant, giraffe, panda, koala, kangaroo, penguin, dolphin, shark, octopus, owl, hawk, fox, wolf,
    bear, badger, hedgehog, rabbit, beaver, otter, moose, camel, llama, cheetah, leopard, gorilla, lemur, tortoise,
    gecko, parrot, canary, hamster, guinea pig, goldfish, Labrador, poodle, Siamese cat, snow leopard, blue whale"""
)
PLANTS = split_list(
    """basil, rose, tulip, cactus, fern, orchid, ivy, mint, lavender, oak, maple, tomato plant, sunflower, aloe
    vera, bonsai, peace lily, rosemary, thyme, olive tree, lemon tree, monstera, jade plant, daisy, hydrangea,
    bamboo, birch"""
)
FOODS = split_list(
    """spaghetti, chicken curry, beef stew, lentil soup, apple pie, banana bread, pancakes, tacos, sushi, ramen, paella,
    risotto, lasagna, falafel, hummus, goulash, pad thai, fish and chips, Greek salad, omelette, pumpkin soup,
    chocolate cake, pizza, burger, fried rice, crème brûlée, jalapeño poppers, kimchi, gnocchi, waffles, dumplings"""
)
INGREDIENTS = split_list(
    """flour, sugar, butter, eggs, milk, garlic, onion, tomato, rice, basil, chicken, salmon, tofu, lentils, spinach,
    potatoes, carrots, mushrooms, lemon, honey, olive oil, soy sauce, ginger, cinnamon, cheese, yoghurt, oats, walnuts,
    coconut milk, bell pepper, black beans, parsley, zucchini, saffron, cream, bread, pasta, bacon, shrimp, almonds"""
)
DRINKS = split_list(
    """coffee, green tea, black tea, latte, espresso, cappuccino, hot chocolate, orange juice, lemonade, cola,
    sparkling water, red wine, white wine, beer, mojito, apple cider, iced tea, smoothie, flat white, ginger ale"""
)
COLOURS = split_list(
    """red, blue, green, yellow, orange, purple, pink, white, black, brown, grey, cyan, magenta, teal, violet, gold,
    silver, beige, turquoise, crimson, navy, olive, coral, indigo, dark green, light blue, lavender, maroon, ivory"""
)
MATERIALS = split_list(
    """wood, steel, glass, cotton, wool, leather, plastic, paper, stone, brass, copper, bamboo, silk, rubber, marble,
    oak, pine, aluminium, ceramic, linen, concrete, cork, felt, velvet, granite, iron, carbon fibre, stainless steel"""
)
ROOMS = split_list(
    """kitchen, living room, bedroom, bathroom, garage, office, hallway, attic, basement, dining room, nursery,
    guest room, study, balcony, laundry room, porch, cellar, terrace, meeting room 2, conference room, lobby,
    workshop"""
)
BUILDINGS = split_list(
    """library, museum, town hall, hospital, central station, north tower, main office, warehouse, school, gym, castle,
    town library, airport, east wing, old mill, sports hall, cathedral, Grand Hotel, Opera House, City Museum"""
)
LANDMARKS = split_list(
    """Eiffel Tower, Central Park, Big Ben, Golden Gate Bridge, Colosseum, Times Square, Brandenburg Gate, Mount Fuji,
    Louvre, Niagara Falls, Lake Geneva, Grand Canyon, Table Mountain, Trafalgar Square, Heathrow, Yellowstone"""
)
LANGUAGES = dict(
    pair.split("=")
    for pair in split_list(
        """French=fr, German=de, Spanish=es, Italian=it, Portuguese=pt, Dutch=nl, Swedish=sv, Norwegian=no, Danish=da,
        Finnish=fi, Polish=pl, Czech=cs, Hungarian=hu, Greek=el, Turkish=tr, Arabic=ar, Hebrew=he, Hindi=hi, Bengali=bn,
        Urdu=ur, Chinese=zh, Japanese=ja, Korean=ko, Vietnamese=vi, Thai=th, Indonesian=id, Russian=ru, Ukrainian=uk,
        Romanian=ro, Swahili=sw, Latin=la, Welsh=cy, English=en, Croatian=hr, Bulgarian=bg, Estonian=et, Icelandic=is"""
    )
)
CURRENCIES = dict(
    pair.split("=")
    for pair in split_list(
        """USD=US dollars, EUR=euros, GBP=British pounds, JPY=Japanese yen, CHF=Swiss francs, CAD=Canadian dollars,
        AUD=Australian dollars, NZD=New Zealand dollars, SEK=Swedish kronor, NOK=Norwegian kroner, DKK=Danish kroner,
        PLN=Polish zloty, CZK=Czech koruna, HUF=Hungarian forints, TRY=Turkish lira, INR=Indian rupees,
        CNY=Chinese yuan, KRW=South Korean won, BRL=Brazilian reais, MXN=Mexican pesos, ZAR=South African rand,
        SGD=Singapore dollars, THB=Thai baht, ILS=Israeli shekels"""
    )
)
BOOKS = split_list(
    """Dracula, Emma, Ulysses, Dune, Hamlet, Walden, Beloved, Persuasion, Middlemarch, Jane Eyre, The Hobbit, Moby Dick,
    War and Peace, Don Quixote, The Odyssey, Brave New World, Animal Farm, Great Expectations, The Stranger,
    Frankenstein, Treasure Island, Little Women, The Trial, Siddhartha, The Great Gatsby, Pride and Prejudice, 1984"""
)
MOVIES = split_list(
    """The Matrix, Inception, Titanic, Avatar, Casablanca, Alien, Jaws, Gladiator, Amélie, Parasite, Interstellar,
    Rocky, Psycho, Vertigo, Fargo, Heat, Memento, Up, Coco, Frozen, Moana, Shrek, Dune, Arrival, Gravity,
    The Godfather, Blade Runner, Star Wars, Toy Story, Spirited Away, The Lion King, Back to the Future"""
)
SONGS = split_list(
    """Imagine, Yesterday, Hallelujah, Thriller, Respect, Bohemian Rhapsody, Hey Jude, Smooth Operator, Dancing Queen,
    Africa, Halo, Clocks, Creep, Zombie, Roxanne, Jolene, Hurt, Wonderwall, Lithium, Vienna, Let It Be, Purple Rain"""
)
ARTISTS = split_list(
    """Queen, Adele, Mozart, Beethoven, Miles Davis, Nina Simone, Beyoncé, Radiohead, Coldplay, Bob Dylan, Björk, ABBA,
    Nirvana, Rihanna, Ed Sheeran, Bach, Chopin, Daft Punk, Pink Floyd, The Beatles, Taylor Swift, Johnny Cash, U2"""
)
TEAMS = split_list(
    """Arsenal, Chelsea, Liverpool, Barcelona, Real Madrid, Juventus, Bayern Munich, Ajax, Celtic, Lakers, Bulls,
    Celtics, Yankees, Red Sox, Packers, Cowboys, Maple Leafs, Bruins, Blue Jays, Golden State Warriors, Inter Milan"""
)
SPORTS = split_list(
    """football, basketball, tennis, rugby, cricket, hockey, baseball, volleyball, golf, swimming, cycling, rowing,
    running, yoga, boxing, table tennis, badminton, skiing, climbing, handball, surfing, sailing, judo, karate"""
)
GENRES = split_list(
    """jazz, rock, classical, pop, folk, blues, country, techno, hip hop, metal, comedy, drama, thriller, horror,
    science fiction, fantasy, romance, mystery, documentary, western, indie, reggae, soul, animation, adventure"""
)
NOUNS = split_list(
    """apple, bridge, castle, desk, engine, forest, guitar, hammer, island, jacket, kettle, lamp, mirror, notebook,
    ocean, pencil, quilt, river, sofa, table, umbrella, violin, window, yacht, bicycle, camera, drum, envelope, fence,
    garden, helmet, ladder, mountain, needle, orchard, piano, rocket, saddle, tent, valley, wagon, anchor, basket,
    candle, dragon, eagle, falcon, glacier, harbour, jungle, kite, lantern, magnet, nest, robot, sailor, volcano,
    bread, cheese, battery, cable, router, printer, keyboard, monitor, phone, tablet, speaker, budget, contract,
    invoice, report, meeting, project, schedule, survey, training, holiday, workshop, backpack, blanket, carpet, clock,
    door, pillow, scarf, shelf, shoe, suitcase, towel, vase, wallet, watch, whistle, bottle, box, bucket, chair"""
)
ADJECTIVES = split_list(
    """big, small, old, new, quick, slow, bright, dark, quiet, loud, warm, cold, happy, sad, brave, gentle, wild, calm,
    sharp, smooth, heavy, light, clean, dirty, rich, simple, hidden, open, final, weekly, monthly, annual, urgent,
    public, private, local, global, modern, ancient, green, silver, golden, broken, missing, spare, cheap, fresh, sweet,
    bitter, early, late, wooden, soft, round, long, short, wide, narrow, lovely, plain, strange, famous, red, blue"""
)
VERBS = split_list(
    """buy, call, check, clean, cook, fix, find, finish, order, paint, pack, plan, read, renew, repair, return, review,
    send, sign, test, visit, wash, water, write, update, prepare, cancel, print, collect, feed, open, close, move,
    empty, charge, book, measure, sort, copy, deliver, draw, build, replace, polish, rent, sell, borrow, record"""
)
WEATHERS = split_list(
    """sunny, cloudy, light rain, heavy rain, snow, fog, windy, clear skies, thunderstorms, drizzle, hail,
    partly cloudy, overcast, humid, light snow, scattered showers, mostly sunny, mist, freezing rain, hot and dry"""
)
STATUSES = split_list(
    """active, pending, delayed, on time, shipped, cancelled, completed, in progress, closed, open, online, offline,
    approved, rejected, waiting for payment, out for delivery, ready, running, stopped, paused, archived, queued"""
)
SYMPTOMS = split_list(
    """headache, fever, cough, sore throat, back pain, nausea, dizziness, rash, fatigue, runny nose, stomach ache,
    toothache, itchy eyes, chest pain, swollen ankle, insomnia, earache, cramps, sneezing, migraine"""
)
DAYS = split_list("Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday")
MONTHS = split_list("January, February, March, April, May, June, July, August, September, October, November, December")
FOREIGN = split_list(
    """東京, 北京, 大阪, Москва, Київ, Αθήνα, القاهرة, दिल्ली, 서울, ไทย, Åsgård, Žižkov, Łódź, Ñuñoa, Übersee,
    São João, Čapek, Győr, Şanlıurfa, Đà Nẵng, Saint-Étienne, L'Hôpital, Côte d'Ivoire, Mañana, Ærø, Eğirdir, 上海"""
)
FOREIGN_TEXTS = [
    "Où est la gare ?",
    "Ça va très bien, merci.",
    "Je voudrais un café, s'il vous plaît.",
    "Das Wetter ist heute schön.",
    "Ich möchte früh nach Hause gehen.",
    "Die Tür ist geöffnet.",
    "¿Dónde está la biblioteca?",
    "Mañana tenemos una reunión.",
    "El niño come una manzana.",
    "Buongiorno, come stai?",
    "La città è bellissima.",
    "Onde fica a estação?",
    "Não há pão hoje.",
    "Jag är hemma på måndag.",
    "Vær så snill og vent.",
    "Gdzie jest dworzec?",
    "Zażółć gęślą jaźń.",
    "Kde je nádraží?",
    "Güle güle, görüşürüz.",
    "Где находится вокзал?",
    "Сегодня хорошая погода.",
    "Доброе утро, друзья!",
    "Де мій квиток?",
    "Καλημέρα σας",
    "東京はどこですか。",
    "今日はいい天気ですね。",
    "你好，世界",
    "我喜欢喝茶。",
    "안녕하세요, 반갑습니다.",
    "नमस्ते, आप कैसे हैं?",
    "مرحبا بالعالم",
    "שלום לכולם",
]
SYLLABLES = [
    "ba",
    "be",
    "bi",
    "bo",
    "bu",
    "da",
    "de",
    "di",
    "do",
    "du",
    "fa",
    "fe",
    "fi",
    "ga",
    "ge",
    "go",
    "ha",
    "he",
    "hi",
    "ka",
    "ke",
    "ki",
    "ko",
    "la",
    "le",
    "li",
    "lo",
    "lu",
    "ma",
    "me",
    "mi",
    "mo",
    "na",
    "ne",
    "ni",
    "no",
    "pa",
    "pe",
    "po",
    "ra",
    "re",
    "ri",
    "ro",
    "sa",
    "se",
    "si",
    "so",
    "ta",
    "te",
    "ti",
    "to",
    "va",
    "ve",
    "vi",
    "wa",
    "wi",
    "za",
    "zo",
    "bran",
    "cor",
    "dell",
    "fen",
    "gar",
    "hol",
    "jun",
    "kel",
    "lin",
    "mar",
    "nor",
    "pel",
    "quin",
    "ros",
    "sten",
    "tor",
    "ven",
    "wex",
    "yor",
    "zan",
]
