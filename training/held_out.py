"""Families that are kept out of the data, since they have the name or the plain meaning of a held-out tool.

They are read by people who know the held-out sets; tests/training/test_held_out.py finds equal names.
"""

from typing import Final

FAMILIES: Final = frozenset(
    """
alarm_arm animal_facts bike_share blinds blood_pressure body_mass_index book_room caption_image
change_delivery_address check_stock cinema_times contact_add convert_currency convert_units_between count_words
court_book departures distance_places earthquake element_atomic_number element_density element_melting_point
exercise_find ferry food_storage fortune fuel_cost generate_password hike_find kitchen_timer lend_item loan_payment
log_hours match_result menu mix_paint moon mountain_info nearby open_support_case parcel_track pet_feed play_sound
point_distance point_telescope pollen predict_tide print_badge print_label random_integer random_number read_meter
read_sensor read_temperature_sensor recipe_by_ingredients reminder_place resize_image river_level room_climate rot13
server_uptime set_feature_flag song_lyrics species_diet species_lifespan split_bill sprinkler start_countdown
stop_machine submit_expense sunrise taxi team_last_result thermostat_set tides todays_menu track_parcel visa washing
water_temp word_definition word_rhymes word_synonyms workout_plan
    """.split()
)
