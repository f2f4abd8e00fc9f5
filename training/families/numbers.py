"""Tools about whole numbers and about the statistics of lists, with true results."""

import math
import statistics

from training.families.sums import integer, number, numbers, numeric
from training.family import Family, Result
from training.several import several


def prime_factors(number: int) -> list[int]:
    """Prime factors of `number`, ascending."""
    factors, divisor = [], 2
    while number > 1:
        while number % divisor == 0:
            factors.append(divisor)
            number //= divisor
        divisor += 1
    return factors


WHOLE = [
    numeric(
        "square_root",
        "sqrt|square_root|root|compute_sqrt|math_sqrt",
        "Square root of a number|Returns the square root|",
        [integer("n|number|x|value|radicand", 2, 9999, "The number|Must not be negative|")],
        """
            What's the square root of {n}? | sqrt({n}) | Square root of {n} | Take the root of {n}, please. | Which
            number squared gives {n}? | I need √{n} for my homework | A square room has {n} square metres. How long
            is one side? | Can you tell me the root of {n}? | {n}: square root? | Compute the square root of the
            number {n} | I've forgotten what the square root of {n} is""",
        "the square root of {n}|to know which number squared is {n}",
        lambda n: math.sqrt(n),
        "The square root of {n} is {result}. | It's {result}. | √{n} is about {result}.",
    ),
    numeric(
        "power",
        "power|pow|exponentiate|raise_to|to_the_power",
        "Raise a number to a power|Computes base to the exponent|Returns base ** exponent.",
        [integer("base|x|number|b", 2, 25, "The base|"), integer("exponent|power|n|exp", 2, 9, "The exponent|")],
        """
            What is {base} to the power of {exponent}? | {base}^{exponent} | Raise {base} to {exponent}. | {base} **
            {exponent} please | With exponent {exponent} and base {base}, what is the power? | How much is {base}
            multiplied by itself, {exponent} factors in all? | Compute {base} to the {exponent} | I need power
            {exponent} of {base}. | A lock has {exponent} wheels with {base} positions each. How many codes are
            there? | Take {base} and raise it to the power {exponent}. | My exponent is {exponent} and my base
            {base}. Result?""",
        "{base} to the power of {exponent}|to raise {base} to {exponent}",
        lambda b, e: b**e,
        "{base} to the power of {exponent} is {result}. | That's {result}. | {base}^{exponent} = {result}",
    ),
    numeric(
        "factorial",
        "factorial|compute_factorial|fact|n_factorial|orders",
        "Factorial of a number|Returns n!|Number of orders of n things.",
        [integer("n|number|x|value", 2, 12, "A whole number|From 0 to 20|")],
        """
            What is the factorial of {n}? | {n}! | Factorial of {n} please | Compute {n} factorial. | In how many
            orders can {n} people stand in a line? | I have {n} books; how many ways are there to arrange them on a
            shelf? | Tell me {n}! | For n = {n}, what's n factorial? | I need to know the factorial for the number
            {n} | Calculate the factorial: {n}""",
        "the factorial of {n}|to know how many orders {n} things have",
        math.factorial,
        "{n}! is {result}. | The factorial of {n} is {result}. | That makes {result}.",
    ),
    numeric(
        "greatest_common_divisor",
        "gcd|greatest_common_divisor|common_divisor|hcf",
        "Greatest common divisor of two numbers|Largest number that divides both|GCD.",
        [integer("a|x|first|m", 4, 900, "First number|"), integer("b|y|second|n", 4, 900, "Second number|")],
        """
            What's the greatest common divisor of {a} and {b}? | gcd({a}, {b}) | GCD of {a} and {b} | Which is the
            largest number that divides both {a} and {b}? | I want to shorten the fraction {a}/{b}; by what can I
            divide? | Find the highest common factor of {a} and {b}. | Two planks of {a} and {b} cm are to be cut
            into equal pieces, as long as possible. How long? | Greatest common divisor please: {a}, {b} | Tell me
            the GCD for the numbers {a} and {b} | {a} and {b}: what is the biggest number both can be divided by? |
            We have {a} apples and {b} pears for equal bags with nothing left over. How many bags at most?""",
        "the greatest common divisor of {a} and {b}|the largest number that divides {a} and {b}",
        math.gcd,
        "The greatest common divisor of {a} and {b} is {result}. | It's {result}. | {result} is the "
        "largest number that divides both.",
        "divisors",
    ),
    numeric(
        "least_common_multiple",
        "lcm|least_common_multiple|common_multiple|smallest_multiple",
        "Least common multiple of two numbers|Smallest number that both divide|LCM.",
        [integer("a|x|first|m", 2, 90, "First number|"), integer("b|y|second|n", 2, 90, "Second number|")],
        """
            What's the least common multiple of {a} and {b}? | lcm({a}, {b}) | LCM of {a} and {b} please | One bus
            comes every {a} minutes, the other every {b}. When do they meet again? | Smallest number that both {a}
            and {b} divide? | I need a common denominator for {a} and {b}. | Find the lowest common multiple: {a}
            and {b} | Which is the first multiple that {a} and {b} share? | For {a} and {b}, compute the least
            common multiple. | Every {a} days I swim and every {b} days I run. After how many days do I do both? |
            {a}, {b}: lowest common multiple?""",
        "the least common multiple of {a} and {b}|the smallest number that {a} and {b} divide",
        math.lcm,
        "The least common multiple of {a} and {b} is {result}. | It's {result}. | {result} is the first "
        "number that both divide.",
        "divisors",
    ),
    Family(
        "check_prime",
        "is_prime|check_prime|prime_test|test_prime|prime_check",
        "Test whether a number is prime|Primality test|True if the number has no divisors but 1 and itself.",
        [integer("n|number|x|value|candidate", 2, 999, "Number to test|A positive integer|")],
        several("""
            Is {n} a prime number? | Is {n} prime? | Check whether {n} is prime. | prime test {n} | Does {n} have
            any divisors besides 1 and itself? | I wonder if {n} is a prime | Tell me whether the number {n} is
            prime or not. | My daughter says {n} is a prime number. Is she right? | {n}: prime? | Can {n} be divided
            by anything, or is it prime? | Test {n} for primality, please."""),
        "to know whether {n} is prime|a prime test of {n}",
        [
            Result(
                lambda r, a: {
                    "verdict": "prime" if all(a["n"] % d for d in range(2, math.isqrt(a["n"]) + 1)) else "not prime"
                },
                several(
                    "{n} is {verdict}. | The test says that {n} is {verdict}. | It turns out that {n} is {verdict}."
                ),
            )
        ],
    ),
    numeric(
        "prime_factors",
        "prime_factors|factorize|factor|factorise_number|prime_factorization",
        "Factor a number into primes|Prime factorization|Returns the prime factors in ascending order.",
        [integer("n|number|x|value", 4, 5000, "Number to factor|")],
        """
            What are the prime factors of {n}? | Factor {n}. | Prime factorization of {n} please | Break {n} down
            into primes. | Which primes multiply to {n}? | I have to write {n} as a product of primes for school |
            factorize {n} | Can you take {n} apart into its prime factors? | Find the primes that make up the number
            {n}. | {n} as a product of primes?""",
        "the prime factors of {n}|to factor {n} into primes",
        lambda n: " × ".join(map(str, prime_factors(n))),
        "{n} = {result} | The prime factors of {n} are {result}. | As a product of primes, {n} is {result}.",
    ),
    numeric(
        "round_number",
        "round_number|round|round_to|round_decimal",
        "Round a number to some decimals|Rounds a value|Returns the number with the given number of decimal places.",
        [
            number("value|number|x|n", 1, 500, "Number to round|", 5),
            integer(
                "decimals|digits|places|precision|ndigits", 1, 3, "Decimal places|How many digits after the point|"
            ),
        ],
        """
            Round {value} to {decimals} decimals. | What is {value} rounded to {decimals} decimal places? | {value},
            {decimals} digits after the point, please | I need {value} with only {decimals} decimals | To {decimals}
            places, what is {value}? | Can you shorten {value} to {decimals} digits after the decimal point? | The
            display has room for {decimals} decimals; what does {value} become? | round {value} ({decimals}
            decimals) | Give me {value} with a precision of {decimals} | It says {value} here. That's too exact,
            {decimals} decimals will do. | {value} is too long, cut it to {decimals} decimals and round""",
        "to round {value} to {decimals} decimals|{value} with {decimals} decimals",
        lambda x, d: round(x, d),
        "Rounded, that's {result}. | {value} becomes {result}. | It's {result}.",
    ),
    numeric(
        "combinations",
        "combinations|choose|n_choose_k|count_combinations|binomial",
        "Number of ways to choose k of n|Binomial coefficient|How many groups of k can be drawn from n things.",
        [
            integer("n|total|items|size", 5, 49, "How many there are|"),
            integer("k|choose|picked|selected|r", 2, 5, "How many are chosen|"),
        ],
        """
            How many ways are there to choose {k} out of {n}? | {n} choose {k} | Of {n} pupils I pick {k} for a
            team. How many teams are possible? | Number of combinations of {k} from {n}? | In how many ways can I
            draw {k} balls from an urn with {n}? | Compute the binomial coefficient with n = {n} and k = {k}. | A
            lottery draws {k} numbers out of {n}; how many draws are there? | Combinations: n is {n}, k is {k} | I
            can take {k} of my {n} shirts. How many selections does that make? | Out of {n} people we send {k} to
            the fair. In how many ways can we do that? | {k} from {n}: how many selections?""",
        "the number of ways to choose {k} of {n}|to know how many groups of {k} there are in {n}",
        math.comb,
        "There are {result} ways. | {n} choose {k} is {result}. | You can choose {k} of {n} in {result} ways.",
    ),
]


STATISTICS = [
    numeric(
        "mean",
        "mean|average|calculate_mean|avg|compute_average|arithmetic_mean",
        "Average of numbers|Arithmetic mean of a list|Adds all values and divides by their number.",
        [numbers(1, 100)],
        """
            What is the average of {numbers}? | Average: {numbers} | Calculate the mean of {numbers}. | My grades
            are {numbers}. What is my average? | On average, how much is {numbers}? | I measured {numbers} and need
            the mean | mean of {numbers} please | The last visits took {numbers} minutes; how long do they take on
            average? | Could you average {numbers} for me? | Take {numbers} and tell me the mean.""",
        "the average of {numbers}|the mean of some numbers",
        lambda x: round(statistics.fmean(x), 3),
        "The average is {result}. | On average that's {result}. | The mean of those numbers is {result}.",
        "statistics",
    ),
    numeric(
        "median",
        "median|calculate_median|compute_median|middle_value",
        "Median of numbers|The middle value of a list|Half of the values are smaller, half are larger.",
        [numbers(1, 200)],
        """
            What is the median of {numbers}? | median {numbers} | Find the middle value of {numbers}. | House prices
            here are {numbers} thousand. What's the median? | I need the median for {numbers}, not the mean | Half
            of {numbers} lie below which value? | Median please: {numbers} | The ages are {numbers}; which age is
            the median? | Compute the median of these values: {numbers} | I've got {numbers}. Which one lies in the
            middle? | Half are above and half below: where is that for {numbers}?""",
        "the median of {numbers}|the middle value of some numbers",
        lambda x: statistics.median(x),
        "The median is {result}. | {result} is the middle value. | Half of them lie below {result}, the median.",
        "statistics",
    ),
    numeric(
        "standard_deviation",
        "standard_deviation|stdev|std_dev|spread|compute_std",
        "Standard deviation of numbers|How far values spread around their mean|Sample standard deviation.",
        [numbers(1, 90)],
        """
            What's the standard deviation of {numbers}? | stdev {numbers} | How much do the values {numbers} spread?
            | Compute the standard deviation: {numbers} | My measurements were {numbers}. I need their standard
            deviation. | For the data {numbers}, give me the standard deviation, please. | Are {numbers} far apart?
            Work out the standard deviation. | I'd like the standard deviation of {numbers} for my lab report |
            These are my times: {numbers}. How steady am I? Standard deviation, please. | {numbers}: standard
            deviation?""",
        "the standard deviation of {numbers}|to know how much some numbers spread",
        lambda x: round(statistics.stdev(x), 3),
        "The standard deviation is {result}. | They spread with a standard deviation of {result}. | It "
        "comes to {result}.",
        "statistics",
    ),
    Family(
        "value_range",
        "min_max|range|find_extremes|value_range|extent",
        "Smallest and largest of some numbers|Minimum and maximum of a list|",
        [numbers(-50, 500)],
        several("""
            What are the smallest and largest of {numbers}? | Min and max of {numbers} | Between which values do
            {numbers} lie? | Find the minimum and maximum: {numbers} | The temperatures were {numbers}. What was the
            lowest and what the highest? | Highest and lowest of {numbers}, please | I need both extremes of
            {numbers} | Give me the range of {numbers} | How low and how high do the numbers {numbers} go? | I noted
            {numbers}. From where to where does that go? | {numbers}: lowest and highest?"""),
        "the smallest and largest of {numbers}|minimum and maximum of some numbers",
        [
            Result(
                lambda r, a: {"min": min(a["numbers"]), "max": max(a["numbers"])},
                several(
                    "The smallest is {min} and the largest {max}. | They go from {min} to {max}. | "
                    "Minimum {min}, maximum {max}."
                ),
            )
        ],
        "statistics",
    ),
    numeric(
        "sum_list",
        "sum|total|sum_list|add_all|sum_values",
        "Sum of a list of numbers|Adds all numbers of a list|",
        [numbers(1, 900)],
        """
            Add up {numbers}. | What's the sum of {numbers}? | Total of {numbers} please | My receipts are
            {numbers}. How much is that in all? | sum {numbers} | I spent {numbers} this week; what does it add up
            to? | Please total these for me: {numbers} | How much do {numbers} make together? | Put {numbers}
            together and tell me the total. | {numbers}: what does it come to? | Here are the takings, {numbers}. I
            need them added up.""",
        "the sum of {numbers}|to add up some numbers",
        lambda x: sum(x),
        "They add up to {result}. | The total is {result}. | That makes {result} in all.",
        "sums",
    ),
]

FAMILIES = [*WHOLE, *STATISTICS]
