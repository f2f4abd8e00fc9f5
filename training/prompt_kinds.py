"""Kinds of chat prompts: how they are put, and what one may think about them before an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from training import topics
from training import values as v
from training.family import Draw, Said
from training.several import several


@dataclass(frozen=True)
class Kind:
    """Kind of prompts: how they are put, {x}, {y} and {n} being drawn, and what one may think about them."""

    asks: Sequence[str]
    x: Draw
    goals: Sequence[str]
    """Go on from "The user asks for "."""
    plans: Sequence[str]
    """Whole sentences on how to answer; true whatever the answer will be."""
    weight: float = 1.0


def _kind(x: Draw, asks: str, goals: str, plans: str, weight: float = 1.0) -> Kind:
    return Kind(several(asks), x, several(goals), several(plans), weight)


_any = v.choice
ABOUT = _any(*topics.ABOUT)
DOING = _any(*topics.DOING)
CONCEPTS = _any(*topics.CONCEPTS)
THINGS = _any(*topics.THINGS)


def _why(random: Random) -> Said:
    """Draw "why the sea is salty", asked as "Why is the sea salty?"."""
    form, subject, rest = random.choice(topics.WHY)
    return Said(f"why {subject} {rest if form == 'do' else f'{form} {rest}'}", f"Why {form} {subject} {rest}?")


def _compared(random: Random) -> Said:
    """Draw "which is heavier, a stone or a feather", asked as a question."""
    more, *two = random.choice(topics.COMPARED)
    random.shuffle(two)
    text = f"hich is {more}, {two[0]} or {two[1]}"
    return Said(f"w{text}", f"W{text}?")


KINDS = [
    _kind(
        _why,
        """{asked} | {asked} | {asked} Explain it briefly. | Can you tell me {x}? | Do you know {x}? | Explain {x}. | I
        wonder {x}. | My child asked me {x}. | {asked} I never understood that.""",
        "the reason {x} | an explanation {x} | an answer to the question {x}",
        "Name the cause. | Give the main reason. | Simple words are enough. | One cause, plainly said.",
        1.5,
    ),
    _kind(
        ABOUT,
        """What is {x}? | Explain {x} in simple words. | Explain {x} to a child. | Tell me about {x}. | How does {x}
        work? | Can you explain {x}? | what's {x} | I don't understand {x}. Can you help? | Give me an introduction
        to {x}. | Describe {x} briefly. | Teach me something about {x}. | Please explain {x} in two sentences. |
        What should I know about {x}? | In a nutshell, what is {x}? | I have an exam about {x} tomorrow. Give me the
        basics. | What does {x} mean?""",
        "an explanation of {x} | a simple explanation of {x} | an introduction to {x} | the basics of {x}",
        """I'll keep it simple. | Start with what it is, then give an example. | A short definition first. | Plain
        words will do. | I can explain that from what I know. | A clear, short explanation is best.""",
        4,
    ),
    _kind(
        ABOUT,
        """Why is {x} important? | Why does {x} matter? | What is the point of {x}? | Is {x} useful? | Why do people
        care about {x}? | What are the benefits of {x}? | What role does {x} play in our lives?""",
        "reasons why {x} matters | the importance of {x} | the use of {x}",
        "Name a few reasons. | Some good reasons will do. | I'll give the main points. | A balanced answer is best.",
    ),
    _kind(
        ABOUT,
        """What is the difference between {x} and {y}? | Compare {x} and {y}. | {x} vs {y} | Which is better, {x} or
        {y}? | How do {x} and {y} differ? | Are {x} and {y} related?""",
        "a comparison of {x} and {y} | the difference between {x} and {y}",
        """First one, then the other. | I'll name what sets them apart. | Say what each one is and compare. | The main
        differences are enough.""",
        1.5,
    ),
    _kind(
        ABOUT,
        """List {n} facts about {x}. | Give me {n} interesting facts about {x}. | Name {n} things about {x} | {n}
        facts about {x} please | List {n} things everyone should know about {x}.""",
        "{n} facts about {x} | a list of {n} things about {x}",
        "A list of {n}. | {n} are asked for. | I'll make a short list. | Well-known facts will do.",
        1.5,
    ),
    _kind(
        _any(*topics.ABOUT, *(f"a {thing}" for thing in topics.THINGS), *topics.CONCEPTS),
        """Write a short poem about {x}. | Write a poem about {x} | Can you write me a haiku about {x}? | A poem
        about {x}, please. | Make up a rhyme about {x}. | Write four lines of poetry about {x}. | I'd like a poem
        about {x} for a birthday card. | Compose a verse on {x}.""",
        "a poem about {x} | some verses about {x} | a few lines of poetry about {x}",
        """A few warm lines. | Keep the rhythm simple. | Some images will help. | Short lines, a little rhyme. | Let
        me find a friendly tone.""",
        2,
    ),
    _kind(
        THINGS,
        """Write a short story about a {x}. | Tell me a story about a {x}. | Write a bedtime story with a {x}. |
        Begin a story with a {x} and a {y}. | Make up a fairy tale about a {x}. | Tell me a very short story about a
        lost {x}. | Write a funny story about a {x} and a {y}.""",
        "a short story about a {x} | a story with a {x} | a little tale about a {x}",
        """A beginning, a small problem and a good end. | Keep it short. | It needs a character and something that
        happens. | A gentle tone fits. | I'll make it up.""",
        2,
    ),
    _kind(
        DOING,
        """Give me some tips for {x}. | How can I get better at {x}? | Any advice on {x}? | I want to start {x}.
        Where do I begin? | What are good ways of {x}? | Give me three tips for {x}. | I'm struggling with {x}. What
        can I do? | What is the best way to start {x}? | Can you help me with {x}? | How long does it take to get
        good at {x}? | {x}: any ideas? | What should I avoid when {x}?""",
        "tips for {x} | advice on {x} | help with {x}",
        """Practical tips are best. | A few concrete steps. | Start small, then build on it. | Encourage them. |
        I'll list what usually helps.""",
        3,
    ),
    _kind(
        DOING,
        """Write an email to my boss about {x}. | Write a letter to a friend about {x}. | Draft a short email about
        {x}. | Help me write a message to my teacher about {x}. | Write a polite email asking for help with {x}. | I
        need a thank-you note for someone who helped me with {x}.""",
        "an email about {x} | a letter about {x} | a message about {x}",
        """Greeting, the matter, a polite close. | Keep the tone polite. | It should be ready to send. | Leave room
        for names.""",
        1.5,
    ),
    _kind(
        _any(*topics.COUNTRIES),
        """What is the capital of {x}? | Where is {x}? | Tell me something about {x}. | What language do they speak
        in {x}? | What is {x} known for? | What food is typical of {x}? | I'm going to {x}. What should I see? |
        Which countries border {x}? | What is the currency of {x}? | How is life in {x}? | What's the climate like
        in {x}?""",
        "something about {x} | facts about {x} | information on {x}",
        "A plain fact. | I'll answer from general knowledge. | A short answer is enough. | Keep to what is well known.",
        2,
    ),
    _kind(
        _any(*topics.ANIMALS),
        """What does a {x} eat? | Where do {x}s live? | How long does a {x} live? | Tell me a fact about the {x}. |
        Can a {x} swim? | How big is a {x}? | Is a {x} dangerous? | Describe a {x}. | Which is faster, a {x} or a
        {y}? | What sound does a {x} make? | Could I keep a {x} as a pet?""",
        "facts about the {x} | something about the {x} | information about {x}s",
        "Animal knowledge is enough. | I'll say what is known. | A short, friendly answer. | One or two facts will do.",
        1.5,
    ),
    _kind(
        _any(*topics.PEOPLE),
        """Who was {x}? | What is {x} famous for? | Tell me about {x}. | When did {x} live? | Why do we remember
        {x}? | Give me a short biography of {x}.""",
        "information about {x} | a few words about {x} | a short biography of {x}",
        "Say what the person is known for. | A few facts of the life. | I'll stick to the well-known facts.",
    ),
    _kind(
        v.choice(*range(2, 60)),
        """What is {x} plus {n}? | What is {x} times {n}? | How much is {x} minus {n}? | {x} + {n} = ? | If I have
        {x} apples and eat {n}, how many are left? | What is half of {x}? | Is {x} a prime number? | Count from {n}
        up to ten. | Double {x}, please. | I buy {n} books for {x} dollars each. What do I pay?""",
        "a small calculation | some simple arithmetic | a sum with {x}",
        "Do the sum carefully. | Simple arithmetic. | Work it out step by step. | I'll calculate and give the number.",
        1.5,
    ),
    _kind(
        _any(*topics.CODE),
        """Write a Python function that {x}. | How do I write a function in Python that {x}? | Show me code that
        {x}. | Write a JavaScript function that {x}. | I need a small script that {x}. | Give me an example in
        Python: a function that {x}. | Can you code something that {x}?""",
        "code that {x} | a function that {x}",
        """A short function with an example. | Keep the code small. | Simple code is best. | Use clear
        names.""",
        2,
    ),
    _kind(
        _any(*topics.TECHNOLOGY),
        """What is {x} in programming? | Explain {x} to a beginner programmer. | When should I use {x}? | Give an
        example of {x}. | Why would a developer use {x}? | How do I learn {x}?""",
        "an explanation of {x} | help with {x} | an example of {x}",
        "An example makes it clear. | Explain, then show it. | It's for a beginner, so no jargon.",
        1.5,
    ),
    _kind(
        v.sentence,
        """Rewrite this sentence: {x} | Make this more formal: {x} | Say this in other words: "{x}" | Correct this
        sentence if needed: {x} | Make this sentence longer: {x} | Turn this into a question: {x} | Rewrite in the
        past tense: {x} | Shorten this: {x} | Make it friendlier: {x}""",
        "a rewritten sentence | another wording of a sentence | a change to a sentence",
        "Keep the meaning. | Only the wording changes. | One new sentence is enough. | Give just the new version.",
        2,
    ),
    _kind(
        _any(*topics.FEELINGS),
        """I feel {x} today. | I'm {x}. What can I do? | My friend is {x}. How can I help? | I've been {x} all week.
        | Why am I so {x}? | Is it normal to be {x}? | How do people deal with being {x}?""",
        "support, since someone is {x} | advice about being {x} | a kind word about feeling {x}",
        "Be kind. | Show understanding first. | Some gentle advice. | Listen, then suggest something small.",
        1.5,
    ),
    _kind(
        _any(*topics.FOODS),
        """How do I cook {x}? | Give me a recipe for {x}. | What goes well with {x}? | Is {x} healthy? | What are
        the ingredients of {x}? | How long does {x} keep in the fridge? | Suggest a dinner with {x}. | I have {x}
        and {y}. What can I make?""",
        "help with cooking {x} | a recipe with {x} | something about {x}",
        "Ingredients, then the steps. | Keep it easy to follow. | Common kitchen knowledge. | A simple way will do.",
        1.5,
    ),
    _kind(
        v.choice(*topics.THINGS),
        """Suggest a name for my {x}. | Write a slogan for a {x} shop. | Give me ideas for a gift for someone who
        likes {x}s. | Describe a {x} without using its name. | Write a riddle about a {x}. | What can I do with an
        old {x}? | Write a joke about a {x}. | Write one sentence with the words {x} and {y}. | Invent a new use for
        a {x}.""",
        "something creative about a {x} | ideas about a {x} | a small creative text on a {x}",
        "Something playful. | A few ideas. | Let me be inventive. | Short and fun.",
        2,
    ),
    _kind(
        CONCEPTS,
        """What does "{x}" mean? | Define {x}. | Use the word {x} in a sentence. | What is the opposite of {x}? |
        Give me a synonym for {x}. | How do you feel about {x}? | Is {x} good or bad? | Write a quote about {x}. |
        What would a philosopher say about {x}? | Give an example of {x} in daily life.""",
        "something about the word {x} | thoughts on {x} | the meaning of {x}",
        "One clear answer. | A short definition and an example. | Take it step by step. | Keep to common meaning.",
        2,
    ),
    _kind(
        v.choice(*topics.PLANS),
        """Plan {x} for me. | Help me plan {x}. | Make a checklist for {x}. | What do I need for {x}? | Give me a
        schedule for {x}. | Ideas for {x}? | How do I organise {x} on a small budget?""",
        "a plan for {x} | help with planning {x} | ideas for {x}",
        "A list of steps in order. | Cover the main points. | Keep it practical. | Short items are easy to follow.",
        1.5,
    ),
    _kind(
        v.choice(*topics.HISTORY),
        """When did {x} happen? | What caused {x}? | Tell me about {x}. | Summarize {x} in three sentences. | Why
        was {x} important? | What were the results of {x}? | Who took part in {x}?""",
        "information on {x} | a summary of {x} | the history of {x}",
        "Name the time, the cause and the outcome. | Stay with the well-known facts. | A compact summary.",
    ),
    _kind(
        _any(*topics.JOBS),
        """What does {x} do? | What does {x} need to know? | How do I become {x}? | Describe the day of {x}. | Is it
        hard to be {x}? | Why do we need {x}? | What tools does {x} use? | Would you like to be {x}?""",
        "a description of {x} | something on the work of {x} | information about being {x}",
        "A few typical tasks. | Say what the work is. | I'll keep to the everyday side of it. | A short description.",
    ),
    _kind(
        _any(*topics.CHORES),
        """How do I {x}? | What is the best way to {x}? | How can I {x}? | How long does it take to {x}? | Show me
        how to {x}. | What do I need to {x}? | I have never had to {x}. How is it done? | Is it easy to {x}? | how
        to {x}""",
        "a way to {x} | a method to {x} | instructions to {x}",
        "Steps in order. | Practical and short. | Name what is needed, then the steps. | Household knowledge will do.",
        1.5,
    ),
    _kind(
        _any(*topics.GROUPS),
        """Name {n} {x}. | List some {x}. | Give me {n} {x}. | Can you name {x}? | Tell me {n} {x}. | I need {n} {x}.
        | Which {x} do you know? | {n} {x}, please""",
        "{n} {x} | a list of {x} | some {x}",
        "A list of well-known ones. | Just the names. | Names are enough. | A plain list.",
        1.5,
    ),
    _kind(
        _compared,
        "{asked} | {asked} | {asked} Why? | Do you know {x}? | Can you tell me {x}? | Tell me {x}. | I wonder {x}.",
        "an answer to {x} | a comparison: {x} | a small comparison",
        "Name one and say why. | One word, then the reason. | A short comparison. | Think of both, then decide.",
    ),
    _kind(
        _any(*topics.MADE),
        "Who {x}? | Who {x}? | Do you know who {x}? | Can you tell me who {x}? | Who {x}, and when?",
        "the name of the one who {x} | a name: who {x} | the person who {x}",
        "A name, perhaps the time. | The name is enough. | Say who it was. | A fact from general knowledge.",
    ),
    _kind(
        _any(*topics.COUNTED),
        "How many {x}? | How many {x}? | how many {x} | Quick question: how many {x}? | And how many {x}?",
        "a number | a count | a well-known number",
        "A number is enough. | One number. | Say the number in a sentence. | A fact, nothing more.",
    ),
    _kind(
        _any(*topics.TROUBLES),
        """{x}. What can I do? | {x}. What should I do? | {x}. Any ideas? | {x}. | {x}. What helps? | {x}. Why is
        that? | Help! {x}. | {x}, and I don't know why.""",
        "help with a problem | advice in a difficulty | an idea of what to do",
        "Some things to try. | First the likely cause, then what helps. | Be practical and kind. | A few suggestions.",
        1.5,
    ),
    _kind(
        _any(*topics.CHOICES),
        """Should I {x}? | Should one {x}? | Is it a good idea to {x}? | Is it bad to {x}? | Why would anyone {x}? |
        Is it better to {x} or not? | When should I {x}?""",
        "an opinion on whether to {x} | advice on whether to {x}",
        "Reasons for and against. | It depends, so name both sides. | A balanced answer. | Advice with a reason.",
    ),
    _kind(
        _any(*topics.ABOUT, *topics.FOODS, *topics.CONCEPTS),
        """Do you like {x}? | What do you think about {x}? | What is your opinion of {x}? | Have you heard of {x}? |
        Do you know anything about {x}? | Let's talk about {x}. | I love {x}. | I don't like {x}. | Tell me a joke
        about {x}.""",
        "a word about {x} | some talk about {x} | an opinion of {x}",
        "Friendly and short. | A conversation, nothing formal. | Answer and ask back. | Say something kind about it.",
        1.5,
    ),
    _kind(
        _any(*topics.SCHOOL),
        """What is {x}? | What is {x}? | What's {x}? | Give me an example of {x}. | Explain what {x} is. | How do I
        recognise {x}? | Define {x}. | Explain {x} to a six year old. | What is {x}, with an example?""",
        "a definition of {x} | an explanation of {x} | the meaning of {x}",
        "A definition, then an example. | As in a school book. | One clear sentence first. | An example helps.",
        1.5,
    ),
]
