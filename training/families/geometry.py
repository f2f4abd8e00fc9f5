"""Tools that measure shapes, with true results."""

import math

from training.families.sums import integer, number, numeric

CM = "in centimetres|in cm|Length in cm|"


GEOMETRY = [
    numeric(
        "rectangle_area",
        "rectangle_area|area_of_rectangle|room_area|calc_area|area",
        "Area of a rectangle|Computes width times length|Area in square metres from two sides.",
        [
            number("width|w|a|side_a", 1, 30, "Width in metres|"),
            number("length|height|l|b|side_b", 1, 40, "Length in metres|"),
        ],
        """
            What's the area of a rectangle {width} m wide and {length} m long? | area of {width} by {length} | My
            room is {width} metres wide and {length} metres long. How big is it? | How many square metres are
            {width} x {length} metres? | A lawn with a length of {length} and a width of {width} metres: what is its
            area? | Calculate the rectangle's area, width {width}, length {length}. | I want to tile a floor of
            {width} by {length} metres, how many square metres is that? | Length {length}, width {width}; area
            please | We're buying carpet for {length} m times {width} m, how much do we need? | We have a wall
            {width} metres wide and {length} metres long to paint. How much area is that? | {width} m x {length} m =
            ? square metres""",
        "the area of a rectangle of {width} by {length}|to know how large {width} by {length} metres is",
        lambda a, b: round(a * b, 2),
        "The area is {result} square metres. | That's {result} m². | {width} by {length} metres makes "
        "{result} square metres.",
        "area",
    ),
    numeric(
        "circle_area",
        "circle_area|area_of_circle|disk_area|calculate_circle_area",
        "Area of a circle|Computes pi times the radius squared|",
        [number("radius|r|circle_radius|rad", 0.5, 60, "Radius|Distance from the centre to the edge|")],
        """
            What is the area of a circle with radius {radius}? | Circle area, r = {radius} | How big is a disc whose
            radius is {radius} cm? | A round table has a radius of {radius}; what's its surface? | I need the area
            of a circle, radius {radius}. | With a radius of {radius}, how much area does a round pond cover? |
            Compute the area of the circle of radius {radius} | {radius} radius: circle's area? | A sprinkler
            reaches {radius} metres in all directions. What area does it water? | My pizza has a radius of {radius}
            cm. How much pizza is that? | A circle measures {radius} from its centre to its edge. Area?""",
        "the area of a circle of radius {radius}|to know how large a circle with radius {radius} is",
        lambda r: round(math.pi * r * r, 3),
        "The circle's area is {result}. | That's about {result} square units. | With radius {radius}, the "
        "area comes to {result}.",
        "area",
    ),
    numeric(
        "triangle_area",
        "triangle_area|area_of_triangle|heron|triangle_from_sides",
        "Area of a triangle from its three sides|Heron's formula|Returns the area of a triangle with sides a, b and c.",
        [
            integer("a|side_a|side1|x", 10, 19, "First side|"),
            integer("b|side_b|side2|y", 10, 19, "Second side|"),
            integer("c|side_c|side3|z", 10, 19, "Third side|"),
        ],
        """
            What's the area of a triangle with sides {a}, {b} and {c}? | triangle {a}, {b}, {c}: area | My garden is
            a triangle of {a}, {b} and {c} metres. How large is it? | The sides are {a}, {b} and {c}. Compute the
            triangle's area. | Area of the triangle please; it measures {a} by {b} by {c} | If a triangle has the
            sides {a}, {b}, {c}, how much area does it enclose? | I'm sewing a sail with edges of {a}, {b} and {c}
            m, how much cloth is that? | Use Heron's formula for a = {a}, b = {b}, c = {c} | How big is a triangle
            whose edges are {a}, {b} and {c} long? | {a}, {b} and {c} are the sides of my triangle, what about its
            area? | The flag has three edges: {a}, {b} and {c}. How much cloth do I need?""",
        "the area of a triangle with sides {a}, {b} and {c}|to know how large a triangle is",
        lambda a, b, c: round(math.sqrt((a + b + c) * (b + c - a) * (a + c - b) * (a + b - c)) / 4, 3),
        "The triangle's area is {result}. | It encloses an area of {result}. | That's {result} square units.",
        "area",
    ),
    numeric(
        "box_volume",
        "box_volume|volume_of_box|cuboid_volume|calculate_volume|volume",
        "Volume of a box|Length times width times height|Volume of a cuboid in cubic centimetres.",
        [
            integer("length|l|depth|a", 5, 200, "Length " + CM),
            integer("width|w|b|breadth", 5, 200, "Width " + CM),
            integer("height|h|c|tall", 5, 200, "Height " + CM),
        ],
        """
            What's the volume of a box {length} cm long, {width} cm wide and {height} cm high? | volume {length} x
            {width} x {height} | My aquarium is {length} cm long, {width} cm wide and {height} cm tall. How much
            does it hold? | How many cubic centimetres are in a crate with width {width}, height {height} and length
            {length}? | Box: height {height}, width {width}, length {length}. Its volume? | Please compute the
            volume of a {length} by {width} by {height} cm parcel. | I'm shipping a carton of {length} times {width}
            times {height} centimetres; what volume is it? | With a length of {length}, a width of {width} and a
            height of {height} cm, how much fits in? | Work out the volume: length {length}, width {width}, height
            {height} | I dig a hole {length} cm long, {width} cm wide and {height} cm deep. How much earth comes
            out? | {length} by {width} by {height} cm: volume?""",
        "the volume of a box of {length} by {width} by {height} cm|to know how much a box holds",
        lambda a, b, c: a * b * c,
        "The volume is {result} cubic centimetres. | It holds {result} cm³. | That makes {result} cubic centimetres.",
        "volume",
    ),
    numeric(
        "cylinder_volume",
        "cylinder_volume|volume_of_cylinder|tank_volume|can_volume",
        "Volume of a cylinder|Computes the content of a round tank|From radius and height.",
        [
            number("radius|r|rad", 1, 50, "Radius of the base|"),
            number("height|h|length|tall", 1, 90, "Height of the cylinder|"),
        ],
        """
            What is the volume of a cylinder with radius {radius} and height {height}? | cylinder r={radius}
            h={height} volume | A tin is {height} cm high and its radius is {radius} cm. What's its content? | How
            much fits in a round tank, {height} tall, with a radius of {radius}? | Height {height}, radius {radius}:
            cylinder volume please | I have a vase with a radius of {radius} cm and a height of {height} cm and
            wonder how much water goes in. | Compute the volume of the cylinder (radius {radius}, height {height}).
            | For a cylinder of radius {radius} that is {height} high, find the volume | How much paint is in a drum
            with height {height} and radius {radius}? | r is {radius}, h is {height}; I need the volume""",
        "the volume of a cylinder of radius {radius} and height {height}|to know how much a cylinder holds",
        lambda r, h: round(math.pi * r * r * h, 2),
        "The cylinder's volume is {result}. | It holds {result} cubic units. | That comes to {result}.",
        "volume",
    ),
    numeric(
        "hypotenuse",
        "hypotenuse|pythagoras|diagonal|longest_side",
        "Longest side of a right triangle|Pythagoras: the hypotenuse from two legs|",
        [number("a|leg_a|x|side1|width", 1, 60, "One leg|"), number("b|leg_b|y|side2|height", 1, 60, "The other leg|")],
        """
            How long is the hypotenuse of a right triangle with legs {a} and {b}? | Hypotenuse for {a} and {b} | A
            screen is {a} cm wide and {b} cm high. How long is its diagonal? | Legs {a} and {b}, longest side please
            | By Pythagoras, what do {a} and {b} give? | I walk {a} km east and {b} km north. How far am I from the
            start as the crow flies? | Compute the diagonal of a {a} by {b} rectangle | A ladder stands {a} m from
            the wall and reaches {b} m up; how long is it? | {a} across and {b} up: how long is the slope? | The
            legs measure {a} and {b}. And the hypotenuse?""",
        "the hypotenuse for the legs {a} and {b}|the diagonal of {a} by {b}",
        lambda a, b: round(math.hypot(a, b), 3),
        "The longest side is {result}. | It's {result} long. | By Pythagoras, that makes {result}.",
    ),
    numeric(
        "point_distance",
        "distance|point_distance|euclidean_distance|distance_between_points",
        "Distance between two points in the plane|Euclidean distance of (x1, y1) and (x2, y2)|",
        [
            integer("x1|ax|from_x|x_a", -50, 50, "x of the first point|"),
            integer("y1|ay|from_y|y_a", -50, 50, "y of the first point|"),
            integer("x2|bx|to_x|x_b", -50, 50, "x of the second point|"),
            integer("y2|by|to_y|y_b", -50, 50, "y of the second point|"),
        ],
        """
            How far is it from ({x1}, {y1}) to ({x2}, {y2})? | Distance between the points ({x1}, {y1}) and ({x2},
            {y2}) | One point is at x {x1}, y {y1}, the other at x {x2}, y {y2}. How far apart are they? |
            ({x1},{y1}) ({x2},{y2}) distance | What's the straight-line distance between ({x1}, {y1}) and ({x2},
            {y2})? | On my map the well is at ({x1}, {y1}) and the house at ({x2}, {y2}). How far is that? | Measure
            from ({x1}, {y1}) to ({x2}, {y2}), please. | I need the Euclidean distance: x1 = {x1}, y1 = {y1}, x2 =
            {x2}, y2 = {y2} | Compute how long the line from ({x1}, {y1}) to ({x2}, {y2}) is | We sail from ({x1},
            {y1}) straight to ({x2}, {y2}). How long is the way? | ({x1}, {y1}) -> ({x2}, {y2}): how far?""",
        "the distance from ({x1}, {y1}) to ({x2}, {y2})|to know how far apart two points are",
        lambda a, b, c, d: round(math.hypot(a - c, b - d), 3),
        "They are {result} apart. | The distance is {result}. | It's {result} from one point to the other.",
    ),
    numeric(
        "body_mass_index",
        "bmi|body_mass_index|calculate_bmi|compute_bmi",
        "Body mass index|BMI from weight and height|Weight in kg, height in cm.",
        [
            integer("weight|weight_kg|kg|mass", 45, 130, "Weight in kg|"),
            integer("height|height_cm|cm|size", 145, 205, "Height in cm|"),
        ],
        """
            What's my BMI? I weigh {weight} kg and am {height} cm tall. | BMI for {height} cm and {weight} kg |
            Calculate the body mass index of someone who weighs {weight} kilos at {height} cm. | I'm {height} cm
            tall and weigh {weight} kg, is that all right? | weight {weight}, height {height}: bmi? | My doctor asks
            for my body mass index; I am {height} cm and {weight} kg. | With {weight} kilograms and {height}
            centimetres, what is the body mass index? | Please compute a BMI (height {height} cm, weight {weight}
            kg). | {weight} kg, {height} cm. Am I too heavy? Work out the BMI. | At {height} cm, what BMI do
            {weight} kg make?""",
        "the body mass index for {weight} kg and {height} cm|to know their BMI",
        lambda w, h: round(w / (h / 100) ** 2, 1),
        "That's a body mass index of {result}. | The BMI is {result}. | With {weight} kg at {height} cm, "
        "the BMI comes to {result}.",
    ),
]

FAMILIES = GEOMETRY
