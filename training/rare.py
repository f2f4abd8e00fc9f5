"""Words that a tokenizer splits: rare names, names like them, and words with a changed letter, to be copied exactly.

A small model repairs what it copies ("pewter" to "peewter", "Enceladus" to "Eceladus") unless it has seen that any
spelling at all is to be kept.
"""

from collections import defaultdict
from functools import cache
from random import Random

from training import words as w

NAMES = w.split_list(
    """Aberystwyth, Llanberis, Betws-y-Coed, Machynlleth, Pwllheli, Blaenau Ffestiniog, Llandudno, Abergavenny, Ystrad,
    Seyðisfjörður, Akureyri, Ísafjörður, Húsavík, Stykkishólmur, Egilsstaðir, Vestmannaeyjar, Þingvellir,
    Borgarnes, Jyväskylä, Rovaniemi, Savonlinna, Hämeenlinna, Kuusamo, Växjö, Örnsköldsvik, Skellefteå, Jönköping,
    Tromsø, Ålesund, Kristiansund, Svolvær, Sønderborg, Næstved, Szczecin, Bydgoszcz, Rzeszów, Częstochowa,
    Świnoujście, Székesfehérvár, Nyíregyháza, Kecskemét, Hódmezővásárhely, Timișoara, Sighișoara, Târgu Mureș,
    Plovdiv, Szeged, Dubrovnik, Šibenik, Đakovo, Ptuj, Škofja Loka, Piešťany, Třebíč, Karlovy Vary, Mühlhausen,
    Görlitz, Quedlinburg, Tübingen, Wolfenbüttel, Garmisch-Partenkirchen, Berchtesgaden, Interlaken, Appenzell,
    Schaffhausen, Winterthur, Bellinzona, Klagenfurt, Vöcklabruck, Innsbruck, Carcassonne, Clermont-Ferrand,
    Périgueux, Angoulême, Quimper, Saint-Malo, Chamonix, Guadalajara, Extremadura, Ponferrada, Valdepeñas, Cáceres,
    Guimarães, Viseu, Setúbal, Taormina, Caltanissetta, Agrigento, Ventimiglia, Civitavecchia, Kalamata,
    Thessaloniki, Ioannina, Heraklion, Eskişehir, Diyarbakır, Samarkand, Bukhara, Tashkent, Ulaanbaatar,
    Vladivostok, Irkutsk, Yekaterinburg, Arkhangelsk, Isfahan, Mashhad, Visakhapatnam, Thiruvananthapuram,
    Coimbatore, Tiruchirappalli, Kanchipuram, Anuradhapura, Chittagong, Mandalay, Luang Prabang, Chiang Rai, Kota
    Kinabalu, Yogyakarta, Banjarmasin, Zamboanga, Kagoshima, Hamamatsu, Utsunomiya, Asahikawa, Gwangju, Daejeon,
    Chongqing, Urumqi, Ouagadougou, Antananarivo, Nouakchott, Bobo-Dioulasso, Mbeya, Kisangani, Bulawayo,
    Polokwane, Bloemfontein, Windhoek, Swakopmund, Tamanrasset, Essaouira, Saskatoon, Chicoutimi, Kamloops,
    Medicine Hat, Albuquerque, Tallahassee, Chattanooga, Okefenokee, Winnipesaukee, Schenectady, Poughkeepsie,
    Massachusetts, Popocatépetl, Tegucigalpa, Huehuetenango, Cochabamba, Antofagasta, Chimborazo, Aconcagua,
    Kilimanjaro, Kangchenjunga, Annapurna, Matterhorn, Finsteraarhorn, Zugspitze, Triglav, Eyjafjallajökull,
    Snæfellsnes, Vatnajökull, Jotunheimen, Mauna Loa, Haleakalā, Kaʻanapali, Taumatawhakatangi, Wagga Wagga,
    Toowoomba, Wollongong, Kalgoorlie, Whangarei, Paraparaumu, Rotorua, Nuku'alofa, Rarotonga, Bora Bora,
    Archaeopteryx, Ichthyosaurus, Pachycephalosaurus, Diplodocus, Trilobita, Ammonites, Taraxacum, Digitalis
    purpurea, Bellis perennis, Quercus robur, Fagus sylvatica, Amanita muscaria, Rhododendron, Chrysanthemum,
    Eschscholzia, Echinacea, Sansevieria, Parus major, Turdus merula, Erithacus rubecula, Salamandra, Apis
    mellifera, Lepidoptera, Betelgeuse, Aldebaran, Zubenelgenubi, Cassiopeia, Ophiuchus, Callisto, Ganymede,
    Hyperion, Iapetus, Phobos, Amalthea, Molybdenum, Praseodymium, Ytterbium, Dysprosium, Chalcopyrite, Wolframite,
    Sphalerite, Labradorite, Chrysoprase, Stradivari, Guarneri, Mendelssohn, Rachmaninoff, Shostakovich,
    Szymanowski, Khachaturian, Monteverdi, Saint-Saëns, Nietzsche, Kierkegaard, Wittgenstein, Tchaikovsky,
    Dostoevsky, Szymborska, Przybylski, Wojciechowski, Vandenberghe, Oyelaran, Nkrumah, Adebayo, Chukwuemeka,
    Ngozi, Thandiwe, Siobhan, Aoife, Niamh, Caoimhe, Rhiannon, Angharad, Llewellyn, Gwendolyn, Bronwen, Ingeborg,
    Hallgerður, Sigurðsson, Guðmundsdóttir, Þórunn, Björk, Åse, Øystein, Ragnhild, Annikki, Väinö, Zsófia, György,
    Miklós, Bogumiła, Krzysztof, Wawrzyniec, Božena, Jiří, Ludmila, Yevgenia, Xiomara, Guadalupe, Itzel, Anneliese,
    Gottfried, Friedhelm, Hildegard, Wolfgang, Évariste, Thaïs, Maëlle, Zoë, Yusuf, Khadija, Abdulrahman, Parvaneh,
    Rukhsana, Venkataraman, Lakshmi, Xiuying, Nguyen, Phuong, Haruki, Tomoko, Michaelmas, Whitsuntide, Shrovetide,
    Epiphany, Lughnasadh, Walpurgis, Childermas, Hogmanay"""
)
THINGS = w.split_list(
    """escapement, astrolabe, theodolite, hygrometer, anemometer, chronometer, barograph, bouzouki, glockenspiel,
    hurdy-gurdy, celesta, theorbo, sackbut, dulcimer, viola da gamba, cor anglais, marquetry, wainscot, balustrade,
    architrave, clerestory, gargoyle, portcullis, trebuchet, caltrop, halberd, gaffer tape, grommet, bobbin, heddle,
    selvedge, crinoline, brocade, gingham, corduroy, seersucker, chiffon, taffeta, organza, vermilion, chartreuse,
    cerulean, ochre, alizarin, viridian, heliotrope, puce, ecru, fuchsia, aubergine, bergamot, cardamom, asafoetida,
    fenugreek, tamarind, galangal, juniper, quince, medlar, persimmon, kumquat, rhubarb, salsify, kohlrabi, samphire,
    gruyère, crème fraîche, jalapeño, piñata, naïveté, façade, soufflé, vinaigrette, bouillabaisse, smørrebrød, gnocchi,
    tagliatelle, pierogi, borscht, zabaglione, halva, baklava, axolotl, pangolin, capybara, wolverine, ptarmigan,
    capercaillie, lammergeier, cormorant, guillemot, nudibranch, anemone, sphagnum, bryophyte, lichen, mycelium, ergot,
    xylem, phloem, stamen, calyx, isthmus, fjord, moraine, esker, drumlin, caldera, fumarole, syzygy, perihelion,
    parallax, zenith, azimuth, gnomon, quoin, serif, ligature, colophon, palimpsest, incunabula, vellum, rhombus,
    icosahedron, parabola, asymptote, eigenvalue, logarithm, bismuth, antimony, cinnabar, realgar, malachite, feldspar,
    obsidian, gneiss, phosphorus, manganese, naphthalene, acetaldehyde, ibuprofen, amoxicillin, dexamethasone,
    methotrexate, warfarin, haemoglobin, phalanges, clavicle, sphenoid, tympanum, rhinitis, myocarditis, xenon"""
)
_POOL = 30_000


class _Letters:
    """Letters that follow each pair of letters in the names of some lists."""

    def __init__(self, names: list[str]) -> None:
        self._after: dict[str, list[str]] = defaultdict(list)
        for name in names:
            padded = f"^^{name.lower()}$"
            for at in range(2, len(padded)):
                self._after[padded[at - 2 : at]].append(padded[at])

    def invent(self, random: Random) -> str:
        text = "^^"
        while not text.endswith("$") and len(text) < 16:
            text += random.choice(self._after[text[-2:]])
        return text.strip("^$ -'")


@cache
def _invented() -> tuple[str, ...]:
    """Return lower-case words that sound like the names of many countries."""
    random = Random(1)
    lists = (NAMES, [*w.CITIES, *w.COUNTRIES], [*w.FIRST_NAMES, *w.LAST_NAMES], [*THINGS, *w.PLANTS, *w.ANIMALS], NAMES)
    letters = [_Letters(list(names)) for names in lists]
    words = {random.choice(letters).invent(random) for _ in range(_POOL)}
    return tuple(sorted(word for word in words if len(word) > 3))


def _changed(random: Random) -> str:
    """Return a word of the vocabulary of which one letter is doubled, left out, replaced or swapped."""
    word = random.choice(w.lower_case())
    at = random.randrange(1, len(word) - 1)
    letter = random.choice("abcdefghiklmnoprstuvwyz")
    return random.choice(
        (
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )


def rare(random: Random, *, capital: bool) -> str:
    """Draw a word of several tokens, capitalised or as it stands in the middle of a sentence."""
    kind = random.random()
    if kind < 0.3:
        text = random.choice(NAMES if capital else THINGS)
    elif kind < 0.8:
        text = random.choice(_invented())
    else:
        text = _changed(random)
    if random.random() < 0.02:
        return text.upper()
    return text[0].upper() + text[1:] if capital else text
