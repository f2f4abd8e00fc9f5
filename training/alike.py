"""Families so alike that a request for one could as well be answered by the other: they are never offered together."""

from training.family import Family

_GROUPS = """
film_score film_rating
calories dish_calories
recipe_steps dish_ingredients recipe_by_ingredients
plant_care plant_watering
plant_when plant_sowing_time
animal_facts species_lifespan species_diet
song_info song_lyrics
match_result team_last_result
league_table team_league_position
kitchen_timer start_countdown
device_battery battery_state
mountain_info city_elevation
library_shelf library_search
library_extend renew_loan
sighting report_sighting
tides predict_tide
shopping_show list_shopping
menu todays_menu
event_list next_meeting
message_read unread_messages find_mail
chess_move move_piece
todo_add reminder_time take_note remember_fact create_task
medicine_remind reminder_time
event_create schedule_meeting appointment_doctor office_appointment
event_delete cancel_meeting
container_logs tail_log search_logs
query_knowledge_base search_documents search_web explain_error
translate_document translate_text
create_issue open_incident open_support_case create_task update_ticket
meeting_summary summarize_text
deploy_app run_job
buy_shares stock_price portfolio_value
plan_business_trip hotel_book train_ticket flight_search train_search
reboot_server restart_service
hash_of_text hash_string
request_leave leave_form leave_balance
add multiply subtract divide calculator add_numbers multiply_numbers subtract_numbers divide_numbers percentage_of
current_time time_now
send_email message_send publish_message reply_to_case
train_search train_ticket
event_search concert_search theatre_tickets
get_user find_customer lookup_employee
"""
_ALIKE: dict[str, set[str]] = {}
for _line in _GROUPS.split("\n"):
    for _name in _line.split():
        _ALIKE.setdefault(_name, set()).update(_line.split())

NAMES = frozenset(_ALIKE)


def alike(one: Family, two: Family) -> bool:
    """True if two families are the same, or cannot be told apart by a request."""
    same_name = one.name == two.name or not set(one.names.split("|")).isdisjoint(two.names.split("|"))
    return same_name or bool(one.near and one.near == two.near) or two.name in _ALIKE.get(one.name, ())
