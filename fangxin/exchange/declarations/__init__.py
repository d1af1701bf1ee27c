"""Declarations as workbooks: the template from the catalogue, what came back in it, and its faults in place.

    layout = layout_of(Shape.PROVINCE)
    write_template(layout, file, on=day)
    workbook = read_workbook(name, content)
    for raw in workbook:
        checked = check_declaration(raw, on=day)
    write_faults(content, faults)

Plain functions: they know no database, and nothing of what they read is kept.
"""
