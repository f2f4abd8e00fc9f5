"""Topics of chat prompts, by the kind of prompt that can be about them."""


def _list(text: str) -> list[str]:
    return [" ".join(item.split()) for item in text.split(",")]


WHY = [
    part.split("|")
    for part in _list(
        """is|the sea|salty, is|the sea|blue, is|grass|green, is|snow|white, is|blood|red, is|ice|slippery, is|rain|wet,
        is|the moon|round, is|the night|dark, is|the desert|dry, is|winter|cold, is|honey|sweet, is|gold|expensive,
        is|lemon juice|sour, is|sleep|important, is|music|relaxing, is|glass|transparent, is|iron|heavy,
        is|the sun|yellow in the evening, is|a flame|hot, is|the earth|round, is|Venus|so bright, is|Mars|red,
        are|leaves|green, are|clouds|white, are|bees|useful, are|roses|thorny, are|zebras|striped, are|tyres|black,
        are|oranges|healthy, are|old books|yellow, are|cats|so quiet, are|mountains|cold at the top, are|trees|tall,
        are|diamonds|hard, are|children|curious, are|mirrors|made of glass, are|stars|only visible at night,
        do|cats|purr, do|dogs|bark, do|birds|sing, do|we|dream, do|we|yawn, do|onions|make us cry, do|leaves|fall,
        do|stars|twinkle, do|ships|float, do|planes|fly, do|volcanoes|erupt, do|people|laugh, do|magnets|attract iron,
        do|apples|turn brown, do|some animals|hibernate, do|bees|make honey, do|salmon|swim upstream, do|we|need water,
        do|feet|smell, do|clocks|tick, do|wolves|howl, do|flowers|smell good, do|bicycles|stay upright, do|we|sneeze"""
    )
]
"""Forms of "be" or "do", subjects, and what they are or do: "Why is the sea salty?", "why the sea is salty"."""
ABOUT = _list(
    """photosynthesis, democracy, inflation, electricity, music theory, friendship, the moon, the ocean, the
    internet, chess, evolution, volcanoes, money, sleep, exercise, healthy food, poetry, painting, mathematics,
    biology, robots, climate change, rain, snow, winter, summer, school, travel, books, films, dogs, cats, birds,
    insects, trees, flowers, mountains, deserts, rivers, the brain, the heart, vaccines, algebra, fractions,
    computers, programming, databases, operating systems, yoga, meditation, recycling, solar energy, wind power,
    black holes, the solar system, dinosaurs, the Renaissance, trade, gravity, magnetism, sound, light, atoms, DNA,
    cells, bacteria, viruses, earthquakes, tides, glaciers, coral reefs, rainforests, bees, whales, bread,
    chocolate, coffee, tea, salt, sugar, rice, glass, steel, paper, plastic, batteries, engines, bicycles, trains,
    planes, ships, bridges, the stock market, taxes, banks, insurance, elections, human rights, the law, philosophy,
    psychology, economics, chemistry, physics, astronomy, geology, geography, grammar, jazz, opera, ballet, theatre,
    photography, architecture, sculpture, fashion, football, tennis, swimming, running, the Olympic Games,
    mythology, dreams, memory, language, writing, the alphabet, numbers, statistics, probability, logic, artificial
    intelligence, machine learning, encryption, the cloud, video games, social media, advertising, newspapers, the
    water cycle, the seasons, the atmosphere, clouds, lightning, fire, metals, fossils, the immune system, vitamins,
    protein, allergies, blood pressure, first aid, compost, gardening, farming, fishing, cheese, wine, pizza"""
)
DOING = _list(
    """learning a language, saving money, cleaning the house, making friends, studying for an exam, writing a
    letter, staying healthy, growing tomatoes, cooking rice, running faster, public speaking, reading more, managing
    time, training a dog, taking photos, packing a suitcase, learning the guitar, waking up early, reducing stress,
    finding a job, baking bread, drawing portraits, writing a novel, building a website, organising a desk, sleeping
    better, drinking more water, eating less sugar, learning to swim, riding a bike in the city, moving to a new
    flat, planning a wedding, giving feedback, leading a team, working from home, asking for a raise, preparing for
    an interview, remembering names, playing chess, learning mathematics, teaching children, raising a puppy,
    keeping a diary, meditating, stretching, climbing, hiking alone, camping in the rain, growing herbs indoors,
    repairing a bicycle, painting a wall, choosing a laptop, making a budget, selling old things online, speaking up
    in meetings, learning to code, writing clean code, singing, dancing, sewing a button, knitting a scarf, cooking
    for guests, cutting onions, making good coffee, losing weight, gaining strength, stopping smoking, dealing with
    noise, saying no, being on time, making a decision, focusing on work, resting more"""
)
CONCEPTS = _list(
    """courage, patience, honesty, kindness, freedom, justice, hope, love, friendship, trust, wisdom, curiosity,
    creativity, pride, envy, gratitude, humility, ambition, loyalty, respect, responsibility, happiness, sadness,
    anger, fear, luck, fate, time, memory, silence, change, success, failure, beauty, truth, power, peace, progress,
    tradition, solitude, empathy, irony, nostalgia, serendipity, resilience, generosity, discipline, balance,
    harmony, chaos, doubt, faith, teamwork, leadership, simplicity, home, childhood, growing old, tolerance,
    forgiveness, imagination, adventure"""
)
THINGS = _list(
    """lighthouse, robot, dragon, teapot, umbrella, bicycle, cat, dog, owl, mouse, fox, bear, pirate, wizard, baker,
    clock, key, lamp, mirror, piano, train, boat, balloon, kite, snowman, pumpkin, garden, bridge, castle, island,
    forest, river, star, cloud, suitcase, map, book, letter, pencil, camera, violin, drum, hat, scarf, shoe, chair,
    table, window, door, spoon, cup, cake, apple, bee, butterfly, turtle, penguin, elephant, rabbit, horse,
    spaceship, submarine, telescope, candle, lantern, bell, ladder, backpack, tent, coin, puzzle, toy, puppet,
    knight, queen, sailor, gardener, painter, teacher"""
)
COUNTRIES = _list(
    """France, Germany, Spain, Italy, Portugal, Norway, Sweden, Finland, Denmark, Poland, Austria, Greece, Turkey,
    Egypt, Kenya, Nigeria, Morocco, India, Nepal, China, Japan, South Korea, Vietnam, Thailand, Indonesia,
    Australia, New Zealand, Canada, Mexico, Brazil, Argentina, Chile, Peru, Cuba, Iceland, Ireland, Belgium,
    Switzerland, Romania, Croatia, Ukraine, Israel"""
)
ANIMALS = _list(
    """lion, tiger, elephant, giraffe, panda, koala, kangaroo, penguin, dolphin, shark, owl, hawk, fox, bear,
    badger, hedgehog, rabbit, beaver, otter, camel, llama, cheetah, leopard, gorilla, tortoise, gecko, parrot,
    hamster, goldfish, bee, spider, snail, frog, crocodile, snake, whale, seal, eagle, swan, duck, goat, cow, pig,
    horse, donkey, squirrel, bat, mole"""
)
PEOPLE = _list(
    """Albert Einstein, Marie Curie, Isaac Newton, Leonardo da Vinci, William Shakespeare, Mozart, Beethoven,
    Cleopatra, Julius Caesar, Galileo Galilei, Charles Darwin, Ada Lovelace, Alan Turing, Nikola Tesla, Mahatma
    Gandhi, Nelson Mandela, Martin Luther King, Abraham Lincoln, Napoleon, Queen Victoria, Frida Kahlo, Vincent van
    Gogh, Pablo Picasso, Jane Austen, Charles Dickens, Mark Twain, Socrates, Plato, Aristotle, Confucius, Amelia
    Earhart, Neil Armstrong, Rosa Parks, Anne Frank"""
)
CODE = _list(
    """adds two numbers, reverses a string, checks if a number is even, finds the largest number in a list, counts
    the words in a text, computes a factorial, prints the numbers from 1 to 10, checks if a word is a palindrome,
    sorts a list, removes duplicates from a list, reads a file, sums a list, converts Celsius to Fahrenheit, counts
    vowels, generates a random number, checks if a year is a leap year, finds the average of a list, makes a string
    upper case, prints a triangle of stars, checks if a number is prime, computes Fibonacci numbers, merges two
    lists, counts letters, swaps two variables"""
)
TECHNOLOGY = _list(
    """a variable, a loop, a function, recursion, a list, a dictionary, a class, inheritance, an API, a database
    index, version control, Git, a pull request, unit testing, debugging, a compiler, an interpreter, HTML, CSS,
    JavaScript, Python, SQL, JSON, a regular expression, a hash table, a stack, a queue, a linked list, a binary
    tree, Big O notation, multithreading, a framework, a library, an exception, a pointer, an array, boolean logic,
    an if statement, Docker, Linux, the command line"""
)
FEELINGS = _list(
    """sad, happy, tired, nervous, lonely, angry, bored, stressed, excited, proud, homesick, worried, confused,
    disappointed, grateful, overwhelmed, jealous, unmotivated, anxious, calm, sick, restless, afraid of flying,
    afraid of exams, in love"""
)
FOODS = _list(
    """rice, pasta, lentils, potatoes, eggs, pancakes, tomato soup, chicken, salmon, tofu, apple pie, banana bread,
    curry, risotto, beans, mushrooms, spinach, carrots, oats, pizza, tacos, salad, dumplings, omelette, bread,
    chocolate cake, cheese, yoghurt, avocado, broccoli, beef stew, noodles, pumpkin, zucchini, cookies, hummus,
    fried rice, porridge"""
)
PLANS = _list(
    """a birthday party, a picnic, a weekend in the mountains, a day at the beach, a school trip, a study week, a
    garden, a move to a new flat, a dinner for six, a movie night, a road trip, a small wedding, a book club, a
    training week, a spring clean, a baby shower, a camping trip, a team lunch, a family reunion, a bake sale, a
    surprise party, a rainy Sunday, a city tour"""
)
HISTORY = _list(
    """the French Revolution, the First World War, the Second World War, the fall of the Berlin Wall, the moon
    landing, the Industrial Revolution, the Renaissance, the American Civil War, the Cold War, the Black Death, the
    fall of Rome, the invention of printing, the voyage of Columbus, the Great Depression, the Russian Revolution,
    the building of the pyramids, the Boston Tea Party, the sinking of the Titanic, the Gold Rush, the Space Race,
    the Silk Road"""
)
JOBS = _list(
    """a baker, a carpenter, a nurse, an architect, an electrician, a farmer, a journalist, a judge, a librarian, a
    mechanic, a midwife, a pharmacist, a pilot, a postman, a programmer, a shepherd, a tailor, a translator, a
    vet, a waiter, a dentist, an accountant, a firefighter, a gardener, a surgeon, a photographer, a blacksmith,
    an editor, a cashier, a diplomat, a geologist, a lifeguard"""
)
CHORES = _list(
    """wash a jumper, sharpen a knife, defrost a freezer, hang a picture, change a light bulb, boil an egg, peel
    garlic, fold a fitted sheet, tie a tie, polish shoes, clean an oven, unclog a sink, plant a tree, remove a
    coffee stain, fix a squeaky door, change a tyre, store potatoes, cut a mango, whip cream, roast vegetables,
    water a cactus, wrap a present, send a parcel, read a map, use a compass, light a campfire, set a table, make
    a bed, sew on a patch, brush a cat, keep bread fresh, cook pasta, descale a kettle, mow a lawn, get rid of
    ants, carve a pumpkin"""
)
GROUPS = _list(
    """rivers in Europe, cities in Canada, planets, kinds of trees, musical instruments, kinds of cheese, winter
    sports, spices, languages of Asia, desert animals, birds that cannot fly, famous painters, board games,
    vegetables that are green, islands in the Pacific, kinds of clouds, tools of a carpenter, things in a kitchen,
    old professions, seas, famous novels, fruits with a stone, kinds of pasta, mountains in South America,
    inventions of the last century, reasons to read, ways to relax, words for happy, adjectives for the sea,
    rhymes for day, breeds of dogs, gases, capitals in Africa, dances, kinds of bread, things that are yellow,
    flowers of spring, parts of a bicycle"""
)
COMPARED = [
    part.split("|")
    for part in _list(
        """heavier|a stone|a feather, faster|a train|a car, larger|the earth|the moon, older|Rome|London, colder|the
    North Pole|the South Pole, longer|the Nile|the Rhine, taller|a giraffe|an elephant, healthier|butter|olive
    oil, cheaper|a bus|a taxi, sweeter|honey|sugar, harder|steel|glass, deeper|a lake|an ocean, bigger|a lion|a
    tiger, warmer|wool|cotton, louder|a drum|a flute, brighter|the sun|a lamp, smaller|an atom|a cell, safer|a
    plane|a motorbike, heavier|a litre of water|a litre of oil, earlier|spring|autumn, easier|Spanish|Chinese"""
    )
]
"""Adjectives, and two things of which one is more so."""
MADE = _list(
    """wrote Hamlet, wrote Don Quixote, painted The Starry Night, invented the telephone, invented the light bulb,
    discovered penicillin, composed The Four Seasons, built the Eiffel Tower, wrote Pride and Prejudice, invented
    paper, discovered America, wrote The Odyssey, composed the Ninth Symphony, invented the steam engine, founded
    Rome, wrote Faust, painted Guernica, was the first president of the United States, climbed Mount Everest
    first, discovered radioactivity, invented the World Wide Web, sculpted David, wrote Moby Dick, discovered
    gravity"""
)
COUNTED = _list(
    """legs does a spider have, days are in a year, planets are there, minutes are in a day, players are in a
    football team, bones does a person have, continents are there, keys does a piano have, letters are in the
    alphabet, sides does a hexagon have, weeks are in a year, grams are in a kilogram, hearts does an octopus
    have, colours does a rainbow have, teeth does an adult have, states are in the USA, months have 30 days, eggs
    are in a dozen, centimetres are in a metre, moons does Mars have, wheels does a tricycle have, people live on
    earth"""
)
TROUBLES = _list(
    """My car does not start, My phone is always empty, I forgot my password, My plants are dying, My cat does not
    eat, I cannot concentrate, The milk is sour, My back hurts, My colleague talks too much, I lost my keys, My
    bread never rises, It is too hot in my room, My son hates vegetables, I have no idea for a present, I am
    always late, My printer is broken, I spilled wine on the carpet, My flight was cancelled, I have too many
    books, My friend forgot my birthday, I cannot decide what to study, My landlord does not answer, I miss my
    family, My shoes are wet, My bicycle was stolen, I have a cold, My garden is full of snails, I am afraid of
    the dark, My sister is angry with me"""
)
CHOICES = _list(
    """drink tea at night, eat breakfast, learn two languages at once, buy a used car, wake a sleepwalker, drink more
    water, take a nap in the afternoon, work on Sundays, adopt a second cat, read before sleeping, exercise every
    day, eat late, move to the city, shower in the morning, skip lunch, rent or buy a flat, write by hand, keep a
    budget, trust the weather forecast, take vitamins, warm up before running, study with music, lend money to
    friends"""
)
SCHOOL = _list(
    """a noun, a verb, an adjective, a pronoun, a synonym, a prime number, a triangle, a planet, an island, a mammal,
    a simile, a comet, a continent, a molecule, an angle, a sonnet, a percentage, a republic, a habitat, an
    ecosystem, a thermometer, a preposition, a decimal, a circuit, a magnet, a timeline, an essay, a peninsula, a
    fable, the equator, a rhyme, a paragraph, a desert, an amphibian, an orbit, a lens, a budget, a contract"""
)
